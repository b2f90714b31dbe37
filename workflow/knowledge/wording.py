"""How a number stands in a reason."""


def written(measure: float) -> str:
    """Return a measurement with the digits it was recorded with: 25, 25.1, never a rounded 25."""
    return repr(float(measure)).removesuffix(".0")
