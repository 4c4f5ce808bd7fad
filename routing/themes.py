"""The 24 need themes, the life domain each belongs to, and the rights that stand beside them."""

from __future__ import annotations

DOMAINS: dict[str, tuple[str, ...]] = {
    "contact": ("company", "activities", "grief"),
    "home": ("household", "meals", "housing", "home_adaptation"),
    "money": ("paperwork", "money_debt", "work_income"),
    "health": ("personal_care", "mental_health", "addiction", "disability_daytime"),
    "family": ("carer_support", "parenting", "concern_other"),
    "taking_part": ("transport", "language", "digital"),
    "neighbourhood": ("nuisance", "public_space", "volunteer_offer", "neighbourhood_idea"),
}
"""Life domain → its themes."""

COMPLEX = 3
"""So many life domains at once count as complex."""

DOMAIN_OF = {theme: domain for domain, themes in DOMAINS.items() for theme in themes}
THEMES = tuple(DOMAIN_OF)

MEDICAL_THEMES = frozenset({"personal_care"})
"""Themes that always involve medical acts: washing, compression stockings, medication, wounds, injections, lifting."""

UNDER_AGE = 16
"""Below this age no volunteers and no initiatives; a professional and the Kindertelefoon are offered."""

RIGHTS_BESIDE: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            "home_adaptation",
            "personal_care",
            "household",
            "transport",
            "carer_support",
            "disability_daytime",
            "mental_health",
            "addiction",
        ),
        ("wmo_report", "client_support"),
    ),
    **dict.fromkeys(("parenting", "money_debt", "housing", "work_income"), ("client_support",)),
}
"""Theme → what a resident may always do, whatever they can do themselves. Everyone may report a need to the
municipality (Wmo 2015, article 2.3.2); independent client support is free and covers care, youth, housing, work and
income (Wmo 2015, articles 1.1.1 and 2.2.4)."""


def domains(*themes: str) -> frozenset[str]:
    """The life domains that these themes touch; a theme that is not one of the 24 touches none."""
    return frozenset(DOMAIN_OF[theme] for theme in themes if theme in DOMAIN_OF)
