//! Statements: conditions, loops, and the jumps that they become.

use super::super::code::{Op, Target, Var};
use super::super::lex::Token;
use super::super::value::Value;
use super::{Loop, Parsed, Parser, Wrong};

impl Parser<'_> {
    /// The body of a loop or condition.
    pub(super) fn body(&mut self) -> Parsed<()> {
        self.newlines()?;
        if self.take(";")? {
            return Ok(());
        }
        self.deeper(Self::statement)
    }

    pub(super) fn condition(&mut self) -> Parsed<()> {
        self.expect("(")?;
        self.expression()?;
        self.expect(")")
    }

    pub(super) fn statement(&mut self) -> Parsed<()> {
        let Token::Word(word) = self.token else {
            if self.is("{") {
                return self.block();
            }
            self.simple()?;
            return self.ended();
        };
        match word {
            "if" => self.if_else(),
            "while" => self.while_loop(),
            "do" => self.do_loop(),
            "for" => self.for_loop(),
            "break" | "continue" => self.jump_out(word),
            "next" | "nextfile" => {
                if !self.rule.is_empty() {
                    let place = format!("{}:{}: ", self.name, self.line);
                    let text = format!("{place}error: `{word}' used in {} action", self.rule);
                    return Err(Wrong { lines: vec![text], status: 1 });
                }
                self.advance()?;
                self.emit(if word == "next" { Op::Next } else { Op::NextFile });
                self.ended()
            }
            "exit" | "return" => {
                if word == "return" && self.locals.is_none() {
                    return self.wrong("`return' used outside function context");
                }
                self.advance()?;
                let bare = self.token == Token::Newline || self.is(";") || self.is("}");
                if !bare {
                    self.expression()?;
                } else if word == "return" {
                    self.constant(Value::Unset);
                }
                self.emit(if word == "return" { Op::Return } else { Op::Exit(!bare) });
                self.ended()
            }
            "switch" | "BEGINFILE" | "ENDFILE" => Err(Wrong { lines: vec![format!("gap {word}")], status: 1 }),
            _ => {
                self.simple()?;
                self.ended()
            }
        }
    }

    pub(super) fn if_else(&mut self) -> Parsed<()> {
        self.advance()?;
        self.condition()?;
        let no = self.emit(Op::JumpIf(false, 0));
        self.body()?;
        // A semicolon or newlines may stand before `else`.
        while self.token == Token::Newline || self.is(";") {
            let (at, began, line, token) = (self.lexer.at, self.began, self.line, self.token.clone());
            let lexed = self.lexer.line;
            while self.token == Token::Newline || self.is(";") {
                self.advance()?;
            }
            if !self.is("else") {
                (self.lexer.at, self.began, self.line, self.token) = (at, began, line, token);
                self.lexer.line = lexed;
                break;
            }
        }
        if self.take("else")? {
            let over = self.emit(Op::Jump(0));
            self.land(no);
            self.body()?;
            self.land(over);
        } else {
            self.land(no);
        }
        Ok(())
    }

    pub(super) fn while_loop(&mut self) -> Parsed<()> {
        self.advance()?;
        let again = self.here();
        self.condition()?;
        let out = self.emit(Op::JumpIf(false, 0));
        self.loops.push(Loop::default());
        self.body()?;
        self.emit(Op::Jump(again));
        self.land(out);
        self.close_loop(again);
        Ok(())
    }

    pub(super) fn do_loop(&mut self) -> Parsed<()> {
        self.advance()?;
        let again = self.here();
        self.loops.push(Loop::default());
        self.body()?;
        while self.token == Token::Newline || self.is(";") {
            self.advance()?;
        }
        self.expect("while")?;
        let test = self.here();
        self.condition()?;
        self.emit(Op::JumpIf(true, again));
        self.close_loop(test);
        self.ended()
    }

    /// `break` leads here, `continue` to `again`.
    pub(super) fn close_loop(&mut self, again: usize) {
        let Some(closed) = self.loops.pop() else { return };
        for jump in closed.breaks {
            self.land(jump);
        }
        for jump in closed.continues {
            self.program.ops[jump] = Op::Jump(again);
        }
    }

    pub(super) fn jump_out(&mut self, word: &str) -> Parsed<()> {
        let Some(innermost) = self.loops.len().checked_sub(1) else {
            let text = format!("`{word}' is not allowed outside a loop or switch");
            return self.wrong(if word == "break" { &text } else { "`continue' is not allowed outside a loop" });
        };
        self.advance()?;
        let jump = self.emit(Op::Jump(0));
        let own = &mut self.loops[innermost];
        if word == "break" {
            own.breaks.push(jump)
        } else {
            own.continues.push(jump)
        }
        self.ended()
    }

    pub(super) fn for_loop(&mut self) -> Parsed<()> {
        self.advance()?;
        self.expect("(")?;
        let each = self.each_header()?;
        if let Some((name, array)) = each {
            self.emit(Op::Each(array));
            let again = self.here();
            let out = self.emit(Op::EachNext(0));
            self.emit(Op::Store(Target::Var(name)));
            self.emit(Op::Drop);
            self.loops.push(Loop::default());
            self.body()?;
            self.emit(Op::Jump(again));
            self.land(out);
            self.close_loop(again);
            self.emit(Op::EachEnd);
            return Ok(());
        }
        if !self.is(";") {
            self.simple()?;
        }
        self.expect(";")?;
        self.newlines()?;
        let test = self.here();
        let mut out = None;
        if !self.is(";") {
            self.expression()?;
            out = Some(self.emit(Op::JumpIf(false, 0)));
        }
        self.expect(";")?;
        self.newlines()?;
        let into = self.emit(Op::Jump(0));
        let again = self.here();
        if !self.is(")") {
            self.simple()?;
        }
        self.expect(")")?;
        self.emit(Op::Jump(test));
        self.land(into);
        self.loops.push(Loop::default());
        self.body()?;
        self.emit(Op::Jump(again));
        if let Some(out) = out {
            self.land(out);
        }
        self.close_loop(again);
        Ok(())
    }

    /// `name in array)`: nothing, and nothing read, where something else stands there.
    pub(super) fn each_header(&mut self) -> Parsed<Option<(Var, Var)>> {
        let Token::Name(name) = self.token.clone() else { return Ok(None) };
        let (at, began, line, lexed) = (self.lexer.at, self.began, self.line, self.lexer.line);
        self.advance()?;
        if self.take("in")?
            && let Token::Name(array) = self.token.clone()
        {
            self.advance()?;
            if self.take(")")? {
                return Ok(Some((self.variable(&name), self.variable(&array))));
            }
        }
        (self.lexer.at, self.began, self.line, self.token) = (at, began, line, Token::Name(name));
        self.lexer.line = lexed;
        Ok(None)
    }
}
