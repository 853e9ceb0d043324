//! The functions of bc's mathematical library, by their series, with more places than are kept.

use super::number::Number;

/// So many places more than asked for.
const MORE: usize = 12;

/// Sine, cosine, arc tangent, logarithm or exponential of a number, with so many places.
pub fn of(name: &str, value: &Number, scale: usize) -> Number {
    let whole = value.length() - value.scale().min(value.length());
    let exact = scale + MORE + whole;
    let result = match name {
        "s" => sine(value, exact),
        "c" => cosine(value, exact),
        "a" => arc_tangent(value, exact),
        "e" => exponential(value, exact),
        _ if value.is_zero() || value.is_negative() => return lowest(scale),
        _ => logarithm(value, exact),
    };
    result.to_scale(scale)
}

/// What the logarithm of no positive number is here.
fn lowest(scale: usize) -> Number {
    let ten = Number::whole(10).power(scale as i64, 0).unwrap_or_default();
    Number::whole(1).minus(&ten).over(&Number::whole(1), scale).unwrap_or_default()
}

fn over(value: &Number, by: &Number, scale: usize) -> Number {
    value.over(by, scale).unwrap_or_default()
}

fn times(a: &Number, b: &Number, scale: usize) -> Number {
    let product = a.times(b, scale);
    if product.scale() > scale { product.to_scale(scale) } else { product }
}

/// Terms are added for as long as they count; each follows from the one before.
fn series(first: Number, scale: usize, next: impl Fn(&Number, i64) -> Number) -> Number {
    let (mut sum, mut term) = (first.to_scale(scale), first.to_scale(scale));
    for at in 1.. {
        term = next(&term, at);
        if term.is_zero() {
            break;
        }
        sum = sum.plus(&term);
    }
    sum
}

fn exponential(value: &Number, scale: usize) -> Number {
    if value.is_negative() {
        let large = exponential(&value.negated(), scale);
        return over(&Number::whole(1), &large, scale);
    }
    // Of a small part of it, which is squared as often as it was halved.
    let digits = value.length() - value.scale().min(value.length());
    let mut halvings = 0;
    let exact = scale + 2 * digits + value.to_i64().map_or(0, |whole| usize::try_from(whole).unwrap_or(0) / 2) + 10;
    let mut small = value.to_scale(exact);
    while small.compared(&Number::whole(1)).is_gt() {
        small = over(&small, &Number::whole(2), exact);
        halvings += 1;
    }
    let mut result =
        series(Number::whole(1), exact, |term, at| over(&times(term, &small, exact), &Number::whole(at), exact));
    for _ in 0..halvings {
        result = times(&result, &result, exact);
    }
    result
}

/// By square roots until it is near 1, and then by the series of the area tangent.
fn logarithm(value: &Number, scale: usize) -> Number {
    let exact = scale + 10;
    let (mut root, mut factor) = (value.to_scale(exact.max(value.scale())), Number::whole(2));
    let (low, high) = (Number::decimal(".9"), Number::decimal("1.1"));
    while root.compared(&low).is_lt() || root.compared(&high).is_gt() {
        root = root.root(exact);
        factor = factor.times(&Number::whole(2), 0);
    }
    let one = Number::whole(1);
    let part = over(&root.minus(&one), &root.plus(&one), exact);
    let square = times(&part, &part, exact);
    let (mut sum, mut power) = (part.clone(), part);
    for odd in (3..).step_by(2) {
        power = times(&power, &square, exact);
        let term = over(&power, &Number::whole(odd), exact);
        if term.is_zero() {
            break;
        }
        sum = sum.plus(&term);
    }
    sum.times(&factor, exact)
}

fn arc_tangent(value: &Number, scale: usize) -> Number {
    if value.is_negative() {
        return arc_tangent(&value.negated(), scale).negated();
    }
    let exact = scale + 10;
    // Half the angle, until the series is short.
    let (mut small, mut factor, one) = (value.to_scale(exact.max(value.scale())), Number::whole(1), Number::whole(1));
    while small.compared(&Number::decimal(".1")).is_gt() {
        let root = one.plus(&times(&small, &small, exact)).root(exact);
        small = over(&small, &one.plus(&root), exact);
        factor = factor.times(&Number::whole(2), 0);
    }
    let square = times(&small, &small, exact).negated();
    let (mut sum, mut power) = (small.clone(), small);
    for odd in (3..).step_by(2) {
        power = times(&power, &square, exact);
        let term = over(&power, &Number::whole(odd), exact);
        if term.is_zero() {
            break;
        }
        sum = sum.plus(&term);
    }
    sum.times(&factor, exact)
}

/// The angle within half a turn to each side.
fn reduced(value: &Number, scale: usize) -> Number {
    let turn = arc_tangent(&Number::whole(1), scale + 10).times(&Number::whole(8), 0);
    let turns = value.over(&turn, 0).unwrap_or_default();
    value.minus(&turn.times(&turns, 0)).to_scale(scale)
}

fn sine(value: &Number, scale: usize) -> Number {
    let exact = scale + 10;
    let small = reduced(value, exact);
    let square = times(&small, &small, exact).negated();
    series(small, exact, |term, at| over(&times(term, &square, exact), &Number::whole(2 * at * (2 * at + 1)), exact))
}

fn cosine(value: &Number, scale: usize) -> Number {
    let exact = scale + 10;
    let small = reduced(value, exact);
    let square = times(&small, &small, exact).negated();
    series(Number::whole(1), exact, |term, at| {
        over(&times(term, &square, exact), &Number::whole(2 * at * (2 * at - 1)), exact)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_have_their_digits() {
        let check = |name: &str, value: &str, expect: &str| {
            let (value, negative) = value.strip_prefix('-').map_or((value, false), |value| (value, true));
            let value = Number::decimal(value);
            let value = if negative { value.negated() } else { value };
            assert_eq!(of(name, &value, 20).shown(10), expect, "{name}({value:?})");
        };
        check("a", "1", ".78539816339744830961");
        check("e", "1", "2.71828182845904523536");
        check("e", "-1", ".36787944117144232159");
        check("e", "10", "22026.46579480671651695790");
        check("l", "2", ".69314718055994530941");
        check("l", "100", "4.60517018598809136803");
        check("s", "1", ".84147098480789650665");
        check("c", "1", ".54030230586813971740");
        check("s", "100", "-.50636564110975879365");
    }
}
