#!/usr/bin/env python3
"""Records what the real argparse answers, for tests/argparse.rs.

    python3 tests/argparse/generate.py [RANDOM_SPECS [SEED]]

needs pyenv with the interpreters 2.7.18, 3.6.15 and 3.11.7. It writes, next to itself,

    real_specs.rs, random_specs.rs     parsers as Rust constants: those of specs.json, and made-up ones
    real.jsonl, random.jsonl           one case per line: parser, terminal width, argv, and the answer of the Pythons named
    lex.jsonl                          lines and what shlex.split makes of them, for src/shell/lex.rs

Both the Rust constant and the Python parser are made from the same description, so they cannot drift apart. Cases in
which Python itself ends in a traceback, or warns about its own text types, are left out. The script runs itself under each interpreter with --oracle, hence
the syntax that Python 2 understands, too.
"""
from __future__ import print_function
import argparse
import io
import json
import os
import random
import shlex
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHONS = [("2.7", "2.7.18"), ("3.6", "3.6.15"), ("3.11", "3.11.7")]
NARGS = {"?": "Optional", "*": "Any", "+": "Several", "...": "Remainder"}
LAYOUTS = {"RawDescription": "RawDescriptionHelpFormatter", "RawText": "RawTextHelpFormatter",
           "Defaults": "ArgumentDefaultsHelpFormatter"}


# ---- the oracle: runs under every Python ----

def native(value):
    """JSON's text as the literals of a plain source file."""
    if sys.version_info[0] == 2:
        if isinstance(value, unicode):  # noqa: F821
            return value.encode("utf-8")
        if isinstance(value, list):
            return [native(v) for v in value]
        if isinstance(value, dict):
            return dict((native(k), native(v)) for k, v in value.items())
    return value


def literal(spec, text):
    if spec.get("unicode") and sys.version_info[0] == 2:
        return text.decode("utf-8")
    return text


def fill(parser, spec):
    sections, groups = {}, {}

    def section(arg):
        title = arg.get("section")
        if title is None:
            return parser
        if title not in sections:
            about = [s for s in spec["sections"] if s["title"] == title][0]
            sections[title] = parser.add_argument_group(title, about.get("description"))
        return sections[title]

    def container(arg):
        name = arg.get("exclusive")
        if name is None:
            return section(arg)
        if name not in groups:
            about = [g for g in spec["exclusive"] if g["name"] == name][0]
            groups[name] = section(arg).add_mutually_exclusive_group(required=about["required"])
        return groups[name]

    for arg in spec.get("args", []):
        if arg["type"] == "subcommands":
            add_subcommands(parser, spec, arg)
        else:
            add_argument(container(arg), spec, arg)


def add_argument(container, spec, arg):
    kw = {}
    action = {"flag": "store_true", "inverted": "store_false", "const": "store_const", "count": "count",
              "version": "version", "help": "help", "append": "append"}.get(arg["type"])
    if action:
        kw["action"] = action
    for key in ("dest", "nargs", "const", "help", "default"):
        if key in arg:
            kw[key] = arg[key]
    if arg.get("required"):
        kw["required"] = True
    if arg.get("hidden"):
        kw["help"] = argparse.SUPPRESS
    if "metavar" in arg:
        kw["metavar"] = tuple(arg["metavar"]) if isinstance(arg["metavar"], list) else arg["metavar"]
    if "kind" in arg:
        kw["type"] = {"int": int, "float": float}[arg["kind"]]
    number = int if arg.get("kind") == "int" or arg["type"] == "count" else lambda text: text
    for key in ("default", "const"):
        if key in kw:
            kw[key] = number(kw[key])
    if "choices" in arg:
        kw["choices"] = [literal(spec, c) if number is not int else int(c) for c in arg["choices"]]
    if arg["type"] == "version":
        kw["version"] = arg["version"]
    names = arg["names"]
    if arg["type"] == "positional":
        kw.pop("dest", None)
    container.add_argument(*names, **kw)


def add_subcommands(parser, spec, arg):
    kw = dict((key, arg[key]) for key in ("dest", "metavar", "help") if key in arg)
    if "section" in arg:
        about = [s for s in spec["sections"] if s["title"] == arg["section"]][0]
        kw.update(about)
    subs = parser.add_subparsers(**kw)
    if sys.version_info[0] == 3:
        subs.required = bool(arg.get("required"))
    for sub in arg["parsers"]:
        kw = keywords(sub)
        kw.pop("prog", None)
        if "full_prog" in sub:
            kw["prog"] = sub["full_prog"]
        if "help" in sub:
            kw["help"] = sub["help"]
        if "aliases" in sub:  # which Python 2 refuses, so that its answer is left out
            kw["aliases"] = sub["aliases"]
        fill(subs.add_parser(literal(spec, sub["prog"]), **kw), sub)


def keywords(spec):
    kw = dict((key, spec[key]) for key in ("prog", "usage", "description", "epilog") if key in spec)
    if "layout" in spec:
        kw["formatter_class"] = getattr(argparse, LAYOUTS[spec["layout"]])
    if spec.get("no_help"):
        kw["add_help"] = False
    if spec.get("no_abbrev") and sys.version_info[0] == 3:
        kw["allow_abbrev"] = False
    return kw


def answer(spec, columns, argv):
    os.environ["COLUMNS"] = str(columns)
    # Fresh objects, as those of a real command line are: Python compares some values by identity.
    argv = [arg[:1] + arg[1:] for arg in argv]
    buffer = io.StringIO if sys.version_info[0] == 3 else io.BytesIO
    saved = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = buffer(), buffer()
    found, status = None, 0
    try:
        try:
            parser = argparse.ArgumentParser(**keywords(spec))
            fill(parser, spec)
            found = vars(parser.parse_args(argv))
        except SystemExit as stop:
            status = stop.code
        except Exception:
            return None
        if "UnicodeWarning" in sys.stderr.getvalue():
            return None
        out = {"status": status, "stdout": sys.stdout.getvalue(), "stderr": sys.stderr.getvalue(), "found": found}
        json.dumps(out)
        return out
    except UnicodeDecodeError:
        return None
    finally:
        sys.stdout, sys.stderr = saved


def oracle():
    data = native(json.loads(sys.stdin.read()))
    specs = dict((spec["id"], spec) for spec in data["specs"])
    json.dump([answer(specs[case["spec"]], case["columns"], case["argv"]) for case in data["cases"]], sys.stdout)


# ---- Rust constants ----

def rust(value):
    if isinstance(value, list):
        return "&[%s]" % ", ".join(rust(v) for v in value)
    return json.dumps(value, ensure_ascii=False)


def rust_parser(spec):
    out = "Parser::new(%s)" % rust(spec["prog"])
    for key in ("usage", "description", "epilog", "help"):
        if key in spec:
            out += ".%s(%s)" % (key, rust(spec[key]))
    if "full_prog" in spec:
        out += ".prog(%s)" % rust(spec["full_prog"])
    if "aliases" in spec:
        out += ".aliases(%s)" % rust(spec["aliases"])
    if "layout" in spec:
        out += ".layout(Layout::%s)" % spec["layout"]
    for key, call in (("no_help", "without_help"), ("no_abbrev", "without_abbreviations"), ("unicode", "unicode_literals")):
        if spec.get(key):
            out += ".%s()" % call
    if spec.get("sections"):
        out += ".sections(&[%s])" % ", ".join(
            "Section::new(%s)" % rust(s["title"]) + (".description(%s)" % rust(s["description"]) if "description" in s else "")
            for s in spec["sections"])
    if spec.get("exclusive"):
        out += ".exclusive(&[%s])" % ", ".join(
            "Exclusive::%s(%s)" % ("required" if g["required"] else "new", rust(g["name"])) for g in spec["exclusive"])
    if spec.get("args"):
        out += ".arguments(&[%s])" % ",\n".join(rust_argument(arg) for arg in spec["args"])
    return out


def rust_argument(arg):
    kind, names = arg["type"], rust(arg.get("names", []))
    out = {
        "flag": lambda: "Argument::flag(%s)" % names,
        "inverted": lambda: "Argument::inverted_flag(%s)" % names,
        "const": lambda: "Argument::constant_flag(%s, %s)" % (names, rust(arg["const"])),
        "count": lambda: "Argument::count(%s)" % names,
        "version": lambda: "Argument::version(%s, %s)" % (names, rust(arg["version"])),
        "help": lambda: "Argument::help_flag(%s)" % names,
        "append": lambda: "Argument::append(%s)" % names,
        "option": lambda: "Argument::option(%s)" % names,
        "positional": lambda: "Argument::positional(%s)" % rust(arg["names"][0]),
        "subcommands": lambda: "Argument::subcommands(&[%s])" % ",\n".join(rust_parser(p) for p in arg["parsers"]),
    }[kind]()
    for key in ("dest", "help", "section", "exclusive", "default"):
        if key in arg:
            out += ".%s(%s)" % (key, rust(arg[key]))
    if "const" in arg and kind != "const":
        out += ".constant(%s)" % rust(arg["const"])
    if "choices" in arg:
        out += ".choices(%s)" % rust(arg["choices"])
    if "nargs" in arg:
        nargs = arg["nargs"]
        out += ".nargs(Nargs::%s)" % (NARGS[nargs] if nargs in NARGS else "Exactly(%d)" % nargs)
    if "kind" in arg:
        out += ".kind(Kind::%s)" % arg["kind"].title()
    if "metavar" in arg:
        out += ".metavar%s(%s)" % ("s" if isinstance(arg["metavar"], list) else "", rust(arg["metavar"]))
    for key in ("required", "hidden"):
        if arg.get(key):
            out += ".%s()" % key
    return out


def write_specs(name, about, specs):
    path = os.path.join(HERE, name)
    with open(path, "w") as out:
        print("//! %s Written by `generate.py`." % about, file=out)
        print("\n#![allow(unused_imports)]\n", file=out)
        print("use appsh::shell::argparse::{Argument, Exclusive, Kind, Layout, Nargs, Parser, Section};\n", file=out)
        print("/// Each parser with its name.\npub static SPECS: &[(&str, Parser)] = &[", file=out)
        for spec in specs:
            print("(%s, %s)," % (rust(spec["id"]), rust_parser(spec)), file=out)
        print("];", file=out)
    subprocess.check_call(["rustfmt", "--edition", "2024", path])


# ---- made-up parsers and command lines ----

TEXT = ("Perform the operation on a well-known, re-used staging area -- slowly; see the so-called e-mail and --dry-run of "
        "x-y-z, 3-way or a-b--c. %(prog)s It's long enough to be wrapped at the fill-in-the-blank column").split(" ")


def text(rng, most=30):
    start = rng.randrange(len(TEXT))
    return " ".join((TEXT[start:] + TEXT)[:rng.randint(1, most)])


def made_argument(rng, used, state):
    kind = rng.choice(["flag"] * 4 + ["option"] * 5 + ["positional"] * 4 + ["append", "count", "const", "inverted", "version"])
    arg = {"type": kind}
    stems = ["start", "stop", "status", "staged", "list", "list-services", "all", "file", "url", "x", "y", "verbose", "9"]
    if kind == "positional":
        arg["names"] = [rng.choice(["services", "target", "disk-name"]) + str(len(used))]
        used.update(arg["names"])
    else:
        long, short = "--" + rng.choice(stems), "-" + rng.choice("abcdefgrsvxy")
        names = rng.choice([[long], [short], [short, long], [long, short], [long, long + "-too"], ["-" + rng.choice(stems)]])
        names = [n for n in names if n not in used]
        if not names:
            return None
        used.update(names)
        arg["names"] = names
    if kind == "version":
        arg["version"] = rng.choice(["%(prog)s 6.0", "one  two " + text(rng).replace("%", "")])
    if kind == "const":
        arg["const"] = "fixed"
    if kind in ("option", "append", "positional"):
        made_values(rng, arg, kind)
    if kind not in ("positional", "version") and rng.random() < 0.15:
        arg["required"] = True
    made_looks(rng, arg, kind, state)
    return arg


def made_values(rng, arg, kind):
    nargs = rng.choice([None, None, None, "?", "*", "+", 1, 2, "..."])
    if nargs is not None:
        arg["nargs"] = nargs
    if rng.random() < 0.3:
        arg["kind"] = rng.choice(["int", "int", "float"])
    if rng.random() < 0.3 and arg.get("kind") != "float":
        arg["choices"] = ["1", "2", "10"] if arg.get("kind") == "int" else rng.choice([["a", "b"], ["now", "it's", "x y"]])
    if kind != "append" and nargs in (None, "?", "*") and rng.random() < 0.4:
        arg["default"] = "10" if "kind" in arg else rng.choice(["a", "now"])
    if kind != "positional" and nargs == "?" and rng.random() < 0.5:
        arg["const"] = "2" if "kind" in arg else "b"
    if kind != "positional" and nargs == 2 and rng.random() < 0.5:
        arg["metavar"] = ["FROM", "TO"]
    elif rng.random() < 0.2:
        arg["metavar"] = rng.choice(["NAME", "[HOST:]PORT", "a b", "(x)"])


def made_looks(rng, arg, kind, state):
    if rng.random() < 0.7:
        arg["help"] = text(rng) + rng.choice(["", " (%(default)s)", " 100%%"])
        if kind == "version":
            arg["help"] = "version"
    if rng.random() < 0.1 and kind != "version":
        arg["hidden"] = True
        arg.pop("help", None)
    group = rng.choice([None, None, "first", "second"])
    may = kind in ("flag", "option", "append", "count", "const") and not arg.get("required")
    if kind == "positional" and arg.get("nargs") == "?" and not state["subcommands"]:
        may = True
    if group and may:
        arg["exclusive"] = group
        if group not in state["exclusive"]:
            state["exclusive"][group] = rng.choice([None, None, "Extra"])
            state["groups"].append({"name": group, "required": rng.random() < 0.4})
        if state["exclusive"][group]:
            arg["section"] = state["exclusive"][group]
    elif rng.random() < 0.15:
        arg["section"] = rng.choice(["Extra", "Rare things"])
    if "section" in arg and arg["section"] not in [s["title"] for s in state["sections"]]:
        state["sections"].append(dict({"title": arg["section"]}, **({"description": text(rng)} if rng.random() < 0.5 else {})))


def made_spec(rng, name, depth):
    spec = {"prog": name}
    for key, chance in (("description", 0.5), ("epilog", 0.2)):
        if rng.random() < chance:
            spec[key] = text(rng) + rng.choice(["", "\n  next\tline\n"])
    if rng.random() < 0.05:
        spec["usage"] = "%(prog)s [options] THING"
    if rng.random() < 0.3:
        spec["layout"] = rng.choice(sorted(LAYOUTS))
    for key, chance in (("no_help", 0.1), ("unicode", 0.1)):
        if rng.random() < chance:
            spec[key] = True
    subcommands = depth > 0 and rng.random() < 0.6
    state = {"exclusive": {}, "groups": [], "sections": [], "subcommands": subcommands}
    used = set() if spec.get("no_help") else {"-h", "--help"}
    count = rng.choice([0, 1, 2, 3, 4, 6, 9])
    args = [arg for arg in (made_argument(rng, used, state) for _ in range(count)) if arg]
    if subcommands:
        arg = {"type": "subcommands", "parsers": [
            made_spec(rng, sub, depth - 1) for sub in rng.sample(["stage", "install", "list", "start", "it's"], rng.randint(1, 3))]}
        for key, value in (("dest", "command"), ("metavar", "COMMAND"), ("help", text(rng)), ("required", True)):
            if rng.random() < 0.4:
                arg[key] = value
        for sub in arg["parsers"]:
            if rng.random() < 0.7:
                sub["help"] = text(rng)
        args.insert(rng.randint(0, len(args)), arg)
    spec["args"] = args
    spec["exclusive"], spec["sections"] = state["groups"], state["sections"]
    return spec


def options_of(spec):
    found = [] if spec.get("no_help") else ["-h", "--help"]
    for arg in spec.get("args", []):
        if arg["type"] == "subcommands":
            for sub in arg["parsers"]:
                found += [sub["prog"]] * 3 + options_of(sub)
        elif arg["type"] != "positional":
            found += arg["names"] * 3
        found += arg.get("choices", [])
    return found


def made_argv(rng, spec):
    known = options_of(spec)
    values = ["1", "2", "10", "-5", "-.5", "a", "b", "now", "x y", "it's", "", "--", "-", "-z", "--zz", "--s", "\u00e9", "-9", "1_0", "-x5"]

    def word():
        base = rng.choice(known) if known and rng.random() < 0.6 else rng.choice(values)
        if base.startswith("-") and len(base) > 1:
            shape = rng.random()
            if shape < 0.15:
                return base + "=" + rng.choice(values)
            if shape < 0.3 and not base.startswith("--"):
                return base + rng.choice(values + ["x", "vh"])
            if shape < 0.45 and len(base) > 3:
                return base[:rng.randint(3, len(base))]
        return base

    argv = [word() for _ in range(rng.randint(0, 5))]
    subs = [a for a in spec.get("args", []) if a["type"] == "subcommands"]
    if subs and rng.random() < 0.6:
        sub = rng.choice(subs[0]["parsers"])
        places = [i for i, a in enumerate(argv)] + [len(argv)]
        argv.insert(rng.choice(places[:2]), sub["prog"])
        if rng.random() < 0.3:
            argv.append("-h")
    return argv


# ---- recording ----

def record(name, specs, cases):
    answers = {}
    for dialect, version in PYTHONS:
        # Not through the shims: below a Python of pyenv they would find that one again.
        prefix = subprocess.check_output(["pyenv", "prefix", version], universal_newlines=True).strip()
        run = subprocess.run([os.path.join(prefix, "bin", "python"), os.path.abspath(__file__), "--oracle"], check=True, stdout=subprocess.PIPE,
                             input=json.dumps({"specs": specs, "cases": cases}).encode(),
                             env=dict(os.environ, PYTHONIOENCODING="utf-8", LC_ALL="C.UTF-8"))
        answers[dialect] = json.loads(run.stdout)
    with open(os.path.join(HERE, name), "w") as out:
        for at, case in enumerate(cases):
            seen = []
            for dialect, _ in PYTHONS:
                answer = answers[dialect][at]
                same = [s for s in seen if s[1] == answer]
                if same:
                    same[0][0].append(dialect)
                elif answer is not None:
                    seen.append(([dialect], answer))
            for dialects, answer in seen:
                line = dict(case, dialects=dialects)
                line.update((k, v) for k, v in answer.items() if v not in ("", None))
                print(json.dumps(line, ensure_ascii=False, sort_keys=True), file=out)


def record_lexer(name, rng):
    lines = ["", " \t\r\n", "a b", "''", "a '' \"\"", "a''b", "'a b'c\"d e\"", "\\a\\ b", "\"\\a\\\"\\\\\\'\"", "'\\'", "# no; comment",
             "shutdown reboot -r \"Update : 6.0\"", "\\", "\"", "'", "\"\\", "\u00e9\u3000\\\u00e9", "\"\\\u00e9\"", "a\x0bb", "a\\\nb"]
    lines += ["".join(rng.choice("ab \t'\"\\\\'\"\u00e9") for _ in range(rng.randint(1, 9))) for _ in range(400)]
    with open(os.path.join(HERE, name), "w") as out:
        for line in sorted(set(lines)):
            try:
                case = {"line": line, "words": shlex.split(line)}
            except ValueError as complaint:
                case = {"line": line, "complaint": str(complaint)}
            print(json.dumps(case, ensure_ascii=False), file=out)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with open(os.path.join(HERE, "specs.json")) as source:
        real = json.load(source)
    specs = [dict(entry["spec"], id=entry["id"]) for entry in real]
    write_specs("real_specs.rs", "The parsers of real tools, as far as captures and manuals show them.", specs)
    record("real.jsonl", specs, [{"spec": entry["id"], "columns": columns, "argv": argv} for entry in real
                                 for columns in entry["columns"] for argv in entry["argv"]])
    record_lexer("lex.jsonl", random.Random(1))
    rng = random.Random(seed)
    specs = [dict(made_spec(rng, rng.choice(["tool", "a-rather-long-program-name-for-a-tool"]), 2), id="random-%d" % i)
             for i in range(count)]
    write_specs("random_specs.rs", "Parsers made up at random.", specs)
    record("random.jsonl", specs, [{"spec": spec["id"], "columns": rng.choice([80, 80, 80, 60, 40, 24, 120]),
                                    "argv": argv} for spec in specs
                                   for argv in [["-h"]] + [made_argv(rng, spec) for _ in range(7)]])


if __name__ == "__main__":
    oracle() if sys.argv[1:] == ["--oracle"] else main()
