"""Numbers, money and shares as people read them in both languages."""

import pytest

from bot.words.numbers import decimal, money, whole_percent


@pytest.mark.parametrize(
    ("value", "digits", "english"),
    [
        (-0.026, 3, "−0.026"),
        (0.0121, 3, "+0.012"),
        (-0.0001, 3, "0.000"),
        (0.0, 1, "0.0"),
        (-0.04, 1, "0.0"),
        (106_929.4, 0, "+106,929"),
        (-1_234.5678, 2, "−1,234.57"),
    ],
)
def test_a_number_has_a_real_sign_and_never_a_negative_zero(value: float, digits: int, english: str):
    assert decimal(value, digits, "en", signed=True) == english
    assert decimal(value, digits, "zh", signed=True) == english


@pytest.mark.parametrize(
    ("value_usd", "english", "chinese"),
    [
        (-186.5e6, "−$186.5 m", "−1.865 亿美元"),
        (-1.34e9, "−$1.34 bn", "−13.4 亿美元"),
        (1.34e9, "+$1.34 bn", "+13.4 亿美元"),
        (21.1e6, "+$21.1 m", "+2,110 万美元"),
        (-27.8, "−$28", "−28 美元"),
        (0.4, "+$0.40", "+0.40 美元"),
        (-0.001, "$0", "0 美元"),
        (0.0, "$0", "0 美元"),
        (12_345.0, "+$12,345", "+12,345 美元"),
        (123e9, "+$123.00 bn", "+1,230.0 亿美元"),
    ],
)
def test_money_takes_the_scale_of_its_language(value_usd: float, english: str, chinese: str):
    assert money(value_usd, "en", signed=True) == english
    assert money(value_usd, "zh", signed=True) == chinese


@pytest.mark.parametrize(
    ("value_usd", "english", "chinese"),
    [
        (999_949_999.0, "$999.9 m", "9.999 亿美元"),
        (999_960_000.0, "$1.00 bn", "10.0 亿美元"),
        (999_999.0, "$999,999", "999,999 美元"),
        (999_999.9, "$1.0 m", "100 万美元"),
        (99_999_999.0, "$100.0 m", "1.000 亿美元"),
        (9.999, "$10", "10 美元"),
    ],
)
def test_an_amount_that_rounds_up_into_a_scale_is_written_in_it(value_usd: float, english: str, chinese: str):
    assert money(value_usd, "en") == english
    assert money(value_usd, "zh") == chinese


@pytest.mark.parametrize(
    ("fraction", "percent"), [(0.8999, 89), (0.9, 90), (0.29, 29), (0.999, 99), (1.0, 100), (0.0, 0)]
)
def test_a_share_is_never_rounded_up_over_its_threshold(fraction: float, percent: int):
    assert whole_percent(fraction) == percent
