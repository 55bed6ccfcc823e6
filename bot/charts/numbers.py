"""Numbers as they stand on an axis or a flag."""


def signed(value: float, decimals: int) -> str:
    """With its sign, a true minus, and thousands apart; zero has no sign."""
    text = f"{value:+,.{decimals}f}".replace("-", "−")
    return text if any(digit in text for digit in "123456789") else text[1:]


def grouped(value: float) -> str:
    """A whole number with a true minus and thousands apart."""
    text = f"{value:,.0f}".replace("-", "−")
    return "0" if text == "−0" else text
