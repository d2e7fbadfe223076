"""Invented values of every class, from Faker: names of many countries, passwords, keys, addresses.

Nothing here names a real person but by chance. Training and testing draw from different countries.
"""

from __future__ import annotations

import random
import string
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inkling.errors import require

if TYPE_CHECKING:
    from collections.abc import Callable

TRAIN_LOCALES = ("en_US", "en_GB", "en_IE", "en_IN", "de_DE", "de_AT", "fr_FR", "fr_CA", "es_ES",
                 "es_AR", "it_IT", "pl_PL", "pt_BR", "pt_PT", "nl_NL", "nl_BE", "sv_SE", "tr_TR",
                 "hr_HR", "sl_SI", "lt_LT", "et_EE", "id_ID", "az_AZ", "fil_PH", "ja_JP", "zh_CN",
                 "ru_RU", "el_GR")  # fmt: skip
VALIDATION_LOCALES = ("en_CA", "no_NO", "sk_SK", "fr_CH", "es_CL", "lv_LV")
HELDOUT_LOCALES = ("fi_FI", "cs_CZ", "hu_HU", "ro_RO", "en_AU", "da_DK", "uk_UA", "ko_KR",
                   "en_NZ", "es_MX")  # fmt: skip
_NAMES_A_LOCALE = 600
_ALNUM = string.ascii_letters + string.digits
_SYMBOLS = "!@#$%^&*-_+.?"
_TOP_LEVEL = ("com", "org", "net", "edu", "io", "de", "fr", "co.uk", "dev", "se", "ch", "ru", "eu")
_PREFIXES = ("", "", "", "", "sk-", "ghp_", "key-", "AKIA", "pk_", "tok_", "xoxp-", "glpat-")
_FIRMS = ("Inc.", "Inc", "LLC", "GmbH", "Ltd.", "Corporation", "Corp.", "Technologies", "Systems",
          "Labs", "Software", "Foundation", "University", "Institute", "Research", "AG", "S.A.",
          "Authors", "Developers", "Team", "contributors", "Project", "Group")  # fmt: skip
_PARTICLES = ("van", "van der", "von", "de", "de la", "di", "da", "le", "el", "Mc", "bin")
_PLAIN_SHARE = 0.4
_LATIN = str.maketrans(
    "áéíóúñçäöüåéèêëàâîïôûšžćčđłąęśźżğışøæ", "aeiouncaouaeeeeaaiiouszccdlaeszzgisoa"
)


@dataclass(frozen=True)
class Person:
    """A name's parts, in the script of its country."""

    given: str
    family: str


class Values:
    """Draws values; the same seed draws the same.

    Args:
        locales: Faker's names of the countries that people come from.
    """

    def __init__(self, locales: tuple[str, ...], seed: int) -> None:
        faker = require("faker", "train")
        self._rng = random.Random(seed)
        self._countries: list[list[Person]] = []
        self._cities: list[str] = []
        for locale in locales:
            source = faker.Faker(locale)
            source.seed_instance(seed)
            people = [
                Person(source.first_name(), source.last_name()) for _ in range(_NAMES_A_LOCALE)
            ]
            self._countries.append(people)
            if hasattr(source, "first_romanized_name"):  # as most people there sign code
                self._countries.append(
                    [
                        Person(source.first_romanized_name(), source.last_romanized_name())
                        for _ in range(_NAMES_A_LOCALE)
                    ]
                )
            self._cities += [source.city() for _ in range(50)]
        self._makers: dict[str, Callable[[], str]] = {
            "NAME": self._name,
            "EMAIL": self._email,
            "IP_ADDRESS": self._address,
            "USERNAME": self._username,
            "PASSWORD": self._password,
            "KEY": self._key,
            "COMPANY": self._company,
            "CITY": lambda: self._rng.choice(self._cities),
            "YEAR": lambda: str(self._rng.randrange(1995, 2027)),
            "NUM": lambda: str(self._rng.randrange(1, 10_000)),
            "HEX": lambda: self._run("0123456789abcdef", self._rng.choice((32, 40, 64))),
            "UUID": lambda: "-".join(self._run("0123456789abcdef", n) for n in (8, 4, 4, 4, 12)),
            "VERSION": lambda: ".".join(str(self._rng.randrange(20)) for _ in range(4)),
        }

    def draw(self, kind: str) -> str:
        """A value of a class of `labels.CLASSES`, or of a filler: CITY, YEAR, NUM, HEX …"""
        return self._makers[kind]()

    def _run(self, alphabet: str, size: int) -> str:
        return "".join(self._rng.choices(alphabet, k=size))

    def _compatriots(self) -> tuple[Person, Person]:
        one, other = self._rng.choices(self._rng.choice(self._countries), k=2)
        return one, other

    def _plain(self, name: str) -> str:
        """A name in lower-case ASCII, as user names and passwords have it."""
        plain = "".join(c for c in name.lower().translate(_LATIN) if c in string.ascii_lowercase)
        return plain or self._run("abdeiklmnorstu", 6)

    def _name(self) -> str:
        one, other = self._compatriots()
        given, family, middle = one.given, one.family, other.given
        forms = (
            f"{given} {family}", f"{given} {family}", f"{given} {family}", f"{given} {family}",
            f"{given} {family}", f"{given} {middle[:1]}. {family}", f"{given[:1]}. {family}",
            f"{given[:1]}. {middle[:1]}. {family}", f"{given[:1]}.{middle[:1]}. {family}",
            f"{given} {family}-{other.family}", f"{given} {middle} {family}",
            f"{given}-{middle} {family}", f"{family}, {given}", f"{family}, {given[:1]}.",
            f"{given} {self._rng.choice(_PARTICLES)} {family}", f"{given} {middle[:1]} {family}",
        )  # fmt: skip
        name = self._rng.choice(forms)
        if self._rng.random() < _PLAIN_SHARE:  # code is often written without accents
            plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
            return plain if len(plain) == len(name) else name
        return name

    def _company(self) -> str:
        return f"{self._compatriots()[0].family} {self._rng.choice(_FIRMS)}"

    def _username(self) -> str:
        one, other = self._compatriots()
        given, family = self._plain(one.given), self._plain(one.family)
        number = self._rng.randrange(1, 999)
        forms = (
            f"{given[:1]}{family}", f"{given}{family}", f"{given}.{family}", f"{given}_{family}",
            f"{family}{number}", f"{given}{number}", f"{given}-{family}", f"{family}{given[:1]}",
            f"{given[:3]}{self._plain(other.family)[:4]}", f"{given.capitalize()}{number}",
        )  # fmt: skip
        return self._rng.choice(forms)

    def _email(self) -> str:
        user = self._username()
        domain = self._plain(self._compatriots()[0].family)
        host = self._rng.choice(("", "", "mail.", "cs.", "lab-"))
        return f"{user}@{host}{domain}.{self._rng.choice(_TOP_LEVEL)}"

    def _address(self) -> str:
        if self._rng.random() < 0.2:
            groups = [f"{self._rng.randrange(65536):x}" for _ in range(self._rng.choice((4, 7)))]
            return "2" + self._run("0123456789abcdef", 3) + ":" + ":".join(groups)
        first = self._rng.choice([n for n in range(11, 224) if n not in (127, 169, 172, 192)])
        return f"{first}." + ".".join(str(self._rng.randrange(256)) for _ in range(3))

    def _password(self) -> str:
        rng = self._rng
        word = self._plain(self._compatriots()[0].given).capitalize()
        other = self._plain(self._compatriots()[0].family)
        forms = (
            lambda: self._run(_ALNUM + _SYMBOLS, rng.randrange(8, 21)),
            lambda: self._run(_ALNUM, rng.randrange(8, 17)),
            lambda: f"{word}{rng.randrange(10, 2030)}{rng.choice(_SYMBOLS)}",
            lambda: f"{word.lower()}{rng.choice(_SYMBOLS)}{other}{rng.randrange(10, 99)}",
            lambda: f"{other[:5]}{rng.randrange(100, 99999)}",
        )
        return rng.choice(forms)()

    def _key(self) -> str:
        rng = self._rng
        forms = (
            lambda: self._run("0123456789abcdef", rng.choice((32, 40, 48, 64))),
            lambda: self._run(_ALNUM, rng.choice((20, 24, 32, 36, 40, 64))),
            lambda: self._run(_ALNUM + "+/", rng.choice((40, 43, 63))) + rng.choice(("", "=")),
            lambda: rng.choice(_PREFIXES) + self._run(_ALNUM + "_-", rng.choice((24, 32, 40))),
        )
        return rng.choice(forms)()
