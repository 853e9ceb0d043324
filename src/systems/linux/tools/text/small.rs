//! `factor`, `seq`, `shuf`, `tee`, `yes` as in GNU coreutils 8.30. What `shuf` draws comes from the lab's chance.

use std::sync::Arc;

use crate::systems::linux::io::{Cut, Open};
use crate::systems::linux::proc::{CHUNK, Ended, HELD, Mode, Proc};
use crate::systems::linux::tools::getopt::{NOTHING, Spec};
use crate::systems::linux::tools::input::{self, Lines, Out, given};
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("factor", factor), tool!("shuf", shuf), tool!("tee", tee), tool!("yes", yes)];

const TEE: Spec =
    Spec { short: "aip", long: &[("append", 'a'), ("ignore-interrupts", 'i'), ("output-error::", 'p')], gaps: "" };

async fn tee(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &TEE, arguments, 1);
    let mode = if given.has('a') { Mode::Append } else { Mode::Write };
    let mut outputs: Vec<(String, u32)> = Vec::new();
    let mut status = 0;
    for file in &given.operands {
        let opened = p.open(file, mode).map(|open: Arc<Open>| {
            let fd = p.files.free(10);
            p.files.set(fd, Some(open));
            fd
        });
        match opened {
            Ok(fd) => outputs.push((file.clone(), fd)),
            Err(errno) => status = input::unread(p, "", file, errno, 1).await?,
        }
    }
    loop {
        let bytes = p.read(0, CHUNK).await?;
        if bytes.is_empty() {
            return Ok(status);
        }
        p.write(1, &bytes).await?;
        let before = p.write_error.take();
        for (file, fd) in &outputs {
            p.write(*fd, &bytes).await?;
            if let Some(errno) = p.write_error.take() {
                status = input::unread(p, "", file, errno, 1).await?;
            }
        }
        p.write_error = before;
    }
}

async fn yes(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &NOTHING, arguments, 1);
    let words = if given.operands.is_empty() { "y".to_owned() } else { given.operands.join(" ") };
    let line = words + "\n";
    let many = line.repeat((CHUNK / 4 / line.len()).max(1));
    loop {
        p.write(1, many.as_bytes()).await?;
    }
}

/// So many divisions are counted as one step.
const DIVISIONS: u64 = 4096;
/// Larger divisors are not tried.
const TRIED: u64 = 1 << 22;

/// The test of Miller and Rabin with the bases that decide it below 2^64.
fn is_prime(number: u64) -> bool {
    let times = |a: u64, b: u64| u64::try_from(u128::from(a) * u128::from(b) % u128::from(number)).unwrap_or(0);
    let power = |base: u64, mut exponent: u64| {
        let (mut result, mut base) = (1, base % number);
        while exponent > 0 {
            if exponent & 1 == 1 {
                result = times(result, base);
            }
            base = times(base, base);
            exponent >>= 1;
        }
        result
    };
    let twos = (number - 1).trailing_zeros();
    [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37].iter().all(|base| {
        let mut value = power(*base, (number - 1) >> twos);
        if value == 1 || value == number - 1 {
            return true;
        }
        (1..twos).any(|_| {
            value = times(value, value);
            value == number - 1
        })
    })
}

async fn factor(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &NOTHING, arguments, 1);
    let mut status = 0;
    if !given.operands.is_empty() {
        for word in &given.operands {
            status = factors(p, word).await?.max(status);
        }
        return Ok(status);
    }
    let (mut out, mut lines) = (Out::default(), Lines::new(0, b'\n'));
    while let Some(line) = lines.next(p, &mut out).await? {
        for word in String::from_utf8_lossy(&line).split_whitespace() {
            status = factors(p, word).await?.max(status);
        }
    }
    Ok(status)
}

async fn factors(p: &mut Proc, word: &str) -> Ended {
    let digits = word.trim_start_matches('+');
    if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit()) {
        return input::failed(p, &format!("{} is not a valid positive integer", input::quoted(word)), 1).await;
    }
    let Ok(mut number) = digits.parse::<u64>() else { return p.gap("factor of a number beyond 64 bits") };
    let mut text = format!("{number}:");
    let mut divisor = 2_u64;
    while number > 1 && divisor <= TRIED && divisor * divisor <= number {
        if number % divisor == 0 {
            text.push_str(&format!(" {divisor}"));
            number /= divisor;
            continue;
        }
        divisor += if divisor == 2 { 1 } else { 2 };
        if divisor % DIVISIONS == 1 {
            p.tick().await?;
        }
    }
    if divisor > TRIED && divisor * divisor <= number && !is_prime(number) {
        return p.gap("factor of a number with two large factors");
    }
    if number > 1 {
        text.push_str(&format!(" {number}"));
    }
    p.out(&(text + "\n")).await?;
    Ok(0)
}

const SHUF: Spec = Spec {
    short: "ei:n:o:rz",
    long: &[
        ("echo", 'e'),
        ("input-range:", 'i'),
        ("head-count:", 'n'),
        ("output:", 'o'),
        ("repeat", 'r'),
        ("zero-terminated", 'z'),
    ],
    gaps: "--random-source:",
};

async fn shuf(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &SHUF, arguments, 1);
    let count = match given.value('n').map(|text| (text, text.parse::<usize>())) {
        None => None,
        Some((_, Ok(count))) => Some(count),
        Some((text, Err(_))) => {
            return input::failed(p, &format!("invalid line count: {}", input::quoted(text)), 1).await;
        }
    };
    let end = if given.has('z') { 0 } else { b'\n' };
    let mut items: Vec<Vec<u8>> = if given.has('e') {
        given.operands.iter().map(|word| word.as_bytes().to_vec()).collect()
    } else if let Some(range) = given.value('i') {
        let bounds = range.split_once('-').and_then(|(low, high)| Some((low.parse().ok()?, high.parse().ok()?)));
        let bounds = bounds.filter(|(low, high): &(u64, u64)| *high >= low.saturating_sub(1));
        let Some((low, high)) = bounds else {
            return input::failed(p, &format!("invalid input range: {}", input::quoted(range)), 1).await;
        };
        if high.saturating_sub(low) > (HELD / 16) as u64 {
            return Err(Cut::Limit("held input"));
        }
        (low..=high).map(|number| number.to_string().into_bytes()).collect()
    } else {
        if let Some(extra) = given.operands.get(1) {
            return input::misused(p, &format!("extra operand {}", input::quoted(extra)), 1).await;
        }
        let file = given.operands.first().map_or("-", String::as_str);
        match input::read_all(p, file).await? {
            Ok(bytes) if input::bounded(&bytes, end).is_err() => return Err(Cut::Limit("held input")),
            Ok(bytes) => input::split_lines(&bytes, end).into_iter().map(<[u8]>::to_vec).collect(),
            Err(errno) => return input::unread(p, "", file, errno, 1).await,
        }
    };
    let draw = |p: &Proc, most: usize| -> usize {
        let drawn = p.world(|world, _| world.streams.between("shuf", 0, most.saturating_sub(1) as u64));
        usize::try_from(drawn).unwrap_or(0)
    };
    if let Some(path) = given.value('o') {
        match p.open(path, Mode::Write) {
            Ok(open) => p.files.set(1, Some(open)),
            Err(errno) => return input::unread(p, "", path, errno, 1).await,
        };
    }
    let mut out = Out::default();
    if given.has('r') {
        if items.is_empty() {
            return input::failed(p, "no lines to repeat", 1).await;
        }
        let mut left = count.unwrap_or(usize::MAX);
        while left > 0 {
            p.tick().await?;
            out.push(&items[draw(p, items.len())]);
            out.push(&[end]);
            out.spill(p).await?;
            left -= 1;
        }
    } else {
        for left in (1..items.len()).rev() {
            let other = draw(p, left + 1);
            items.swap(left, other);
        }
        for item in items.iter().take(count.unwrap_or(usize::MAX)) {
            out.push(item);
            out.push(&[end]);
            out.spill(p).await?;
        }
    }
    out.flush(p).await?;
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn primes_are_told_from_products() {
        let check = |number: u64, expect: bool| assert_eq!(is_prime(number), expect, "{number}");
        check(18_446_744_073_709_551_557, true);
        check(18_446_744_073_709_551_556, false);
        check(4_294_967_291 * 4_294_967_279, false);
        check(1_000_000_007, true);
    }
}
