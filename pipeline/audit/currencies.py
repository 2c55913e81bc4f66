"""The minor units of currencies: the copy that the audit has of ISO 4217, list one, as published on 2026-01-01."""

_OTHER_DIGITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_BY_NAME = {name: digits for digits, names in _OTHER_DIGITS.items() for name in names.split()}


def digits_of(currency: str) -> int:
    """How many decimal digits its minor unit has: 2 where the list says nothing else, or does not have it."""
    return _BY_NAME.get(currency, 2)
