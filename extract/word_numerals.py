"""Numbers as Word writes them: one number and a numFmt name of WordprocessingML -> its text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

LARGEST = 32_767
"""Word counts no further; beyond it a hostile start value would fill the memory with letters."""


def numeral(number: int, form: str) -> str:
    """`number` in the numFmt `form` (ST_NumberFormat); decimal digits where a format is unknown or does not reach that far."""
    write = FORMS.get(form)
    return write(number) if write is not None and 0 <= number <= LARGEST else str(number)


def chinese(
    number: int,
    *,
    digits: str = "〇一二三四五六七八九",
    units: str = "十百千",
    zero: str = "零",
    myriads: str = "万亿",
    bare_ten: bool = True,
) -> str:
    """A Chinese numeral with units, 0 to 10**12 - 1: 10 十, 110 一百一十, 1005 一千零五. `bare_ten` drops the 一 of a leading 一十."""
    if number <= 0:
        return str(number) if number else zero or digits[0]
    groups: list[int] = []
    rest = number
    while rest:
        rest, group = divmod(rest, 10_000)
        groups.append(group)
    if len(groups) > 1 + len(myriads):
        return str(number)
    text = ""
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if group:
            gap = bool(text) and (group < 1000 or groups[place + 1] == 0)
            text += (zero if gap else "") + _under_myriad(group, digits, units, zero) + (myriads[place - 1] if place else "")
    one_ten = digits[1] + units[0]
    return text[1:] if bare_ten and text.startswith(one_ten) else text


def _under_myriad(number: int, digits: str, units: str, zero: str) -> str:
    text, gap = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if not digit:
            gap = bool(text)
            continue
        text += (zero if gap else "") + digits[digit] + (units[place - 1] if place else "")
        gap = False
    return text


def roman(number: int) -> str:
    """MCMXCIX; decimal digits where Rome had none (0 and below)."""
    if number <= 0:
        return str(number)
    text = ""
    for value, sign in _ROMAN:
        count, number = divmod(number, value)
        text += sign * count
    return text


def letters(number: int, alphabet: str) -> str:
    """a … z, aa, bb …: Word repeats the letter instead of counting on."""
    if number <= 0:
        return str(number)
    times, place = divmod(number - 1, len(alphabet))
    return alphabet[place] * (times + 1)


def positional(number: int, digits: str) -> str:
    """Digit by digit: 2017 -> 二〇一七."""
    return "".join(digits[int(d)] if d.isdigit() else d for d in str(number))


def counting(number: int, *, digits: str, ten: str = "十") -> str:
    """十一, 二十, 九十九, and from 100 on digit by digit: 一〇〇."""
    return chinese(number, digits=digits, units=ten + "百千", zero=digits[0]) if 0 < number < 100 else positional(number, digits)


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 11th."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def english(number: int) -> str:
    """One, Twenty-one; decimal digits from 1000 on."""
    if not 0 < number < 1000:
        return str(number)
    return _english(number).capitalize()


def english_ordinal(number: int) -> str:
    """First, Twenty-first; decimal ordinals from 1000 on."""
    if not 0 < number < 1000:
        return ordinal(number)
    head, dash, last = _english(number).rpartition("-") if "-" in _english(number) else _english(number).rpartition(" ")
    ending = _ORDINALS.get(last) or (last[:-1] + "ieth" if last.endswith("y") else last + "th")
    return (head + dash + ending).capitalize()


def _english(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    words = [_SMALL[hundreds] + " hundred"] if hundreds else []
    if rest >= 20:
        words.append(_TENS[rest // 10] + ("-" + _SMALL[rest % 10] if rest % 10 else ""))
    elif rest:
        words.append(_SMALL[rest])
    return " ".join(words)


def _series(signs: str) -> Callable[[int], str]:
    """One sign a number; decimal digits beyond the last sign."""
    return lambda number: signs[number - 1] if 0 < number <= len(signs) else str(number)


def _span(first: int, count: int) -> str:
    return "".join(chr(first + k) for k in range(count))


def _zodiac(number: int) -> str:
    """甲子 … 癸亥, sixty of them."""
    return _STEMS[(number - 1) % 10] + _BRANCHES[(number - 1) % 12] if 0 < number <= 60 else str(number)


_ROMAN = (
    *((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL")),
    *((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")),
)
_SMALL = (
    *("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen"),
    *("fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS = {"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth", "twelve": "twelfth"}
_STEMS, _BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
_LATIN, _CYRILLIC = "abcdefghijklmnopqrstuvwxyz", "абвгдежзиклмнопрстуфхцчшщыэюя"
_LOWER, _CIRCLE = "一二三四五六七八九", "○一二三四五六七八九"
_LEGAL, _LEGAL_TW = "零壹贰叁肆伍陆柒捌玖", "零壹貳參肆伍陸柒捌玖"
_FULL_WIDTH = str.maketrans("0123456789-", "０１２３４５６７８９－")


def _decimal_full_width(number: int) -> str:
    return str(number).translate(_FULL_WIDTH)


def _thousand(number: int) -> str:
    return chinese(number, digits="零" + _LOWER)


def _japanese(number: int) -> str:
    """Japanese writes 百 and 千 without 一, and no 零."""
    text = chinese(number, digits="〇" + _LOWER, zero="")
    return text.replace("一百", "百").replace("一千", "千").replace("一十", "十") if 0 < number < 10_000 else text


def _enclosed_ideograph(number: int) -> str:
    return _span(0x3280, 10)[number - 1] if 0 < number <= 10 else _thousand(number)


def _legal(number: int) -> str:
    return chinese(number, digits=_LEGAL, units="拾佰仟", myriads="万亿", bare_ten=False)


def _legal_traditional(number: int) -> str:
    return chinese(number, digits=_LEGAL_TW, units="拾佰仟", myriads="萬億", bare_ten=False)


FORMS: Mapping[str, Callable[[int], str]] = MappingProxyType(
    {
        "decimal": str,
        "decimalHalfWidth": str,
        "decimalFullWidth": _decimal_full_width,
        "decimalFullWidth2": _decimal_full_width,
        "decimalZero": lambda n: f"{n:02d}",
        "numberInDash": lambda n: f"- {n} -",
        "hex": lambda n: f"{n:X}",
        "none": lambda n: "",
        "bullet": lambda n: "",
        "upperRoman": roman,
        "lowerRoman": lambda n: roman(n).lower(),
        "upperLetter": lambda n: letters(n, _LATIN.upper()),
        "lowerLetter": lambda n: letters(n, _LATIN),
        "russianUpper": lambda n: letters(n, _CYRILLIC.upper()),
        "russianLower": lambda n: letters(n, _CYRILLIC),
        "ordinal": ordinal,
        "cardinalText": english,
        "ordinalText": english_ordinal,
        "chicago": lambda n: letters(n, "*†‡§"),
        "decimalEnclosedCircle": _series(_span(0x2460, 20)),
        "decimalEnclosedCircleChinese": _series(_span(0x2460, 20)),
        "decimalEnclosedParen": _series(_span(0x2474, 20)),
        "decimalEnclosedFullstop": _series(_span(0x2488, 20)),
        "ideographEnclosedCircle": _enclosed_ideograph,
        "ideographTraditional": _series(_STEMS),
        "ideographZodiac": _series(_BRANCHES),
        "ideographZodiacTraditional": _zodiac,
        "chineseCounting": lambda n: counting(n, digits=_CIRCLE),
        "taiwaneseCounting": lambda n: counting(n, digits=_CIRCLE),
        "taiwaneseDigital": lambda n: positional(n, _CIRCLE),
        "ideographDigital": lambda n: positional(n, "〇" + _LOWER),
        "japaneseDigitalTenThousand": lambda n: positional(n, "〇" + _LOWER),
        "koreanDigital2": lambda n: positional(n, "零" + _LOWER),
        "koreanDigital": lambda n: positional(n, "영일이삼사오육칠팔구"),
        "chineseCountingThousand": _thousand,
        "taiwaneseCountingThousand": _thousand,
        "japaneseCounting": _japanese,
        "chineseLegalSimplified": _legal,
        "ideographLegalTraditional": _legal_traditional,
        "japaneseLegal": lambda n: chinese(n, digits="〇壱弐参四伍六七八九", units="拾百阡", zero="", myriads="萬億", bare_ten=False),
        "koreanCounting": lambda n: chinese(n, digits="영일이삼사오육칠팔구", units="십백천", zero="", myriads="만억"),
        "aiueoFullWidth": _series("アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"),
        "aiueo": _series("ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜｦﾝ"),
        "irohaFullWidth": _series("イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセス"),
        "ganada": _series("가나다라마바사아자차카타파하"),
        "chosung": _series("ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ"),
    }
)
