//! What bash 5.2 made of words. Quotes are written into the samples and read by [`word`], just enough of them.

use super::*;
use crate::bash::mutation::mutate;

fn expand(word: &Word) -> Result<Vec<Word>, TooMany> {
    super::expand(word, Version::NEWEST)
}

/// `text` as a word: `"…"`, `'…'` and a character behind a backslash are quoted.
fn word(text: &str) -> Word {
    let mut parts: Vec<Part> = Vec::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => parts.push(Part::Quoted(chars.next().map(String::from).unwrap_or_default())),
            '"' | '\'' => parts.push(Part::Quoted(chars.by_ref().take_while(|next| *next != c).collect())),
            c => match parts.last_mut() {
                Some(Part::Bare(text)) => text.push(c),
                _ => parts.push(Part::Bare(c.to_string())),
            },
        }
    }
    Word::of(parts)
}

/// The words without their quotes; those of which nothing is left are gone, as bash drops them later.
fn shown(words: &[Word]) -> String {
    let mut out = String::new();
    for word in words.iter().filter(|word| !word.parts.is_empty()) {
        let texts = word.parts.iter().map(|part| match part {
            Part::Bare(text) | Part::Quoted(text) => text.as_str(),
            other => panic!("{other:?}"),
        });
        out += &format!("<{}>", texts.collect::<String>());
    }
    out
}

#[test]
fn words_are_those_of_bash() {
    for (text, expect) in TABLE {
        assert_eq!(shown(&expand(&word(text)).expect("few")), *expect, "{text}");
    }
}

const TABLE: &[(&str, &str)] = &[
    ("a{b,c}d", "<abd><acd>"),
    ("{a,b}{c,d}", "<ac><ad><bc><bd>"),
    ("{a,{b,c}}", "<a><b><c>"),
    ("{a{1,2}b,c}", "<a1b><a2b><c>"),
    ("{a}", "<{a}>"),
    ("{a,b", "<{a,b>"),
    ("a,b}", "<a,b}>"),
    ("{,a}", "<a>"),
    ("{a,}x", "<ax><x>"),
    ("{}", "<{}>"),
    ("x{,}", "<x><x>"),
    ("{1..3}", "<1><2><3>"),
    ("{3..1}", "<3><2><1>"),
    ("{1..10..3}", "<1><4><7><10>"),
    ("{10..1..3}", "<10><7><4><1>"),
    ("{1..10..-3}", "<1><4><7><10>"),
    ("{1..3..0}", "<1><2><3>"),
    ("{01..10..4}", "<01><05><09>"),
    ("{1..010..5}", "<001><006>"),
    ("{-01..2}", "<-01><000><001><002>"),
    ("{-3..3..2}", "<-3><-1><1><3>"),
    ("{a..e}", "<a><b><c><d><e>"),
    ("{e..a..2}", "<e><c><a>"),
    ("{a..C}", "<a><`><_><^><]><><[><Z><Y><X><W><V><U><T><S><R><Q><P><O><N><M><L><K><J><I><H><G><F><E><D><C>"),
    ("{1..a}", "<{1..a}>"),
    ("{a..1}", "<{a..1}>"),
    ("{aa..c}", "<{aa..c}>"),
    ("{1..}", "<{1..}>"),
    ("{..3}", "<{..3}>"),
    ("{1..3..}", "<{1..3..}>"),
    ("{1..3..x}", "<{1..3..x}>"),
    ("{1.5..2}", "<{1.5..2}>"),
    ("\"{a,b}\"", "<{a,b}>"),
    ("{\"a,b\",c}", "<a,b><c>"),
    ("{a\",\"b,c}", "<a,b><c>"),
    ("{a,\"b\"c}", "<a><bc>"),
    ("\\{a,b}", "<{a,b}>"),
    ("{a\\,b,c}", "<a,b><c>"),
    ("{a,b\\}", "<{a,b}>"),
    ("{a,b\\}}", "<a><b}>"),
    ("{a,b}{c", "<a{c><b{c>"),
    ("{a{b,c}", "<{ab><{ac>"),
    ("{a,b}}", "<a}><b}>"),
    ("{{a,b}", "<{a><{b>"),
    ("{{a,b},c}", "<a><b><c>"),
    ("{a,b},{c,d}", "<a,c><a,d><b,c><b,d>"),
    ("a{1..2}{x,y}", "<a1x><a1y><a2x><a2y>"),
    ("{a..c}{1..2}", "<a1><a2><b1><b2><c1><c2>"),
    ("{z..z}", "<z>"),
    ("{5..5}", "<5>"),
    ("{-1..-3}", "<-1><-2><-3>"),
    ("{+1..3}", "<1><2><3>"),
    ("{1..+3}", "<1><2><3>"),
    ("{00..1}", "<00><01>"),
    ("{1..100000000000000000000}", "<{1..100000000000000000000}>"),
    ("{a,b}\\ c", "<a c><b c>"),
    ("{'a..c'}", "<{a..c}>"),
    ("{a'..'c}", "<{a..c}>"),
    ("{\"1\"..3}", "<{1..3}>"),
    ("{a,b,}", "<a><b>"),
    ("a{b,c{d,e}f}g", "<abg><acdfg><acefg>"),
    ("{a,b}..{c,d}", "<a..c><a..d><b..c><b..d>"),
    ("{{1..3},x}", "<1><2><3><x>"),
    ("{1..3,x}", "<1..3><x>"),
    ("{1..3}..5", "<1..5><2..5><3..5>"),
    ("{x,{1..3..2},y}", "<x><1><3><y>"),
    ("{a,b{c}", "<{a,b{c}>"),
    ("{a{b}c,d}", "<a{b}c><d>"),
    ("{a}{b,c}", "<{a}b><{a}c>"),
    ("{},a", "<{},a>"),
    ("{{},a}", "<{}><a>"),
    ("a{}b{c,d}", "<a{}bc><a{}bd>"),
    ("{a,b}{}", "<a{}><b{}>"),
    ("{A..F..2}", "<A><C><E>"),
    ("{Z..a}", "<Z><[><><]><^><_><`><a>"),
    ("{\\a,b}", "<a><b>"),
    ("{1..3..+2}", "<1><3>"),
    ("{0x1..3}", "<{0x1..3}>"),
    ("{é,b}", "<é><b>"),
    ("{é..f}", "<{é..f}>"),
    ("{-5..05}", "<-5><-4><-3><-2><-1><00><01><02><03><04><05>"),
    ("{-05..5..5}", "<-05><000><005>"),
    ("{9223372036854775806..9223372036854775807}", "<9223372036854775806><9223372036854775807>"),
    ("{a},b}", "<a}><b>"),
    ("{1..{2,3}}", "<1..2><1..3>"),
    ("{{a,b}..c}", "<a..c><b..c>"),
    ("{a,b}}c,d}", "<a}c,d}><b}c,d}>"),
    ("{{1..2}..3}", "<{{1..2}..3}>"),
    ("{a..c..2}x{1,2}", "<ax1><ax2><cx1><cx2>"),
    ("{a,{b}", "<{a,{b}>"),
    ("{{{a,b},c},d}", "<a><b><c><d>"),
    ("x{y{1..2}z,w}", "<xy1z><xy2z><xw>"),
    ("{a..}", "<{a..}>"),
    ("{a...c}", "<{a...c}>"),
    ("{1...3}", "<{1...3}>"),
    ("{1..2}{", "<1{><2{>"),
    ("{1..2}}", "<1}><2}>"),
    ("}{a,b}", "<}a><}b>"),
    ("}{", "<}{>"),
    ("{1..2..3..4}", "<{1..2..3..4}>"),
    ("{,,}a", "<a><a><a>"),
    ("{a,b},", "<a,><b,>"),
    ("{{a},{b}}", "<{a}><{b}>"),
    ("{-1..+1}", "<-1><0><1>"),
    ("{1..-0}", "<1><0>"),
    ("{0..-0}", "<0>"),
];

#[test]
fn nothing_at_all_differs_from_empty_quotes() {
    let words = expand(&word("{,\"\"}")).expect("few");
    assert_eq!(words, [Word::default(), Word::of(vec![Part::Quoted(String::new())])]);
    let double = Part::Double(vec![Part::Bare("{a,b}".to_owned())]);
    let mixed = Word::of(vec![Part::Bare("{x,".to_owned()), double.clone(), Part::Bare("}".to_owned())]);
    let expected = [Word::of(vec![Part::Bare("x".to_owned())]), Word::of(vec![double])];
    assert_eq!(expand(&mixed).expect("few"), expected);
}

#[test]
fn what_would_not_end_is_refused() {
    let doubling = "{a,b}".repeat(40);
    let wide = format!("{{1..1000}}{}", "x".repeat(10_000));
    for text in
        ["{1..1000000000}", "{1..100000}{1..2}", &doubling, &wide, &"{".repeat(20_000), "{-9223372036854775808..9}"]
    {
        assert_eq!(expand(&word(text)), Err(TooMany), "{}", &text[..20.min(text.len())]);
    }
    assert_eq!(expand(&word("{1..100000}")).expect("just so many").len(), 100_000);
    let deep = "{a,".repeat(300) + &"}".repeat(300);
    assert!(expand(&word(&deep)).is_ok_and(|words| words.len() > DEEPEST));
}

#[test]
fn damaged_words_become_words() {
    let samples: Vec<&str> = TABLE.iter().map(|(text, _)| *text).collect();
    let mut several = 0;
    mutate(11, &samples, 3000, |text| {
        let words = expand(&word(text)).unwrap_or_else(|TooMany| vec![Word::default()]);
        assert!(!words.is_empty() && words.len() <= MOST_WORDS, "{text}");
        several += usize::from(words.len() > 1);
    });
    assert!(several > 300, "{several}");
}
