"""What a country belongs to: its region of the world, as the prize counts its entries, and its income band."""

from __future__ import annotations

#: In the order in which pages list them.
REGIONS = ("asia", "middle-east", "europe", "africa", "americas", "oceania")

#: Countries (ISO 3166-1 alpha-2) outside Asia; the prize counts Türkiye, Iran and Israel to the Middle East.
_COUNTRIES = {
    "middle-east": "AE BH IL IQ IR JO KW LB OM PS QA SA SY TR YE",
    "europe": (
        "AD AL AT AX BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT LU LV "
        "MC MD ME MK MT NL NO PL PT RO RS RU SE SI SJ SK SM UA VA XK"
    ),
    "africa": (
        "AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW KE KM LR LS LY MA MG ML MR MU "
        "MW MZ NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TD TG TN TZ UG YT ZA ZM ZW"
    ),
    "americas": (
        "AG AI AR AW BB BL BM BO BQ BR BS BZ CA CL CO CR CU CW DM DO EC FK GD GF GL GP GT GY HN HT JM KN KY "
        "LC MF MQ MS MX NI PA PE PM PR PY SR SV SX TC TT US UY VC VE VG VI"
    ),
    "oceania": "AS AU CC CK CX FJ FM GU KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV VU WF WS",
}
_REGION_OF = {country: region for region, countries in _COUNTRIES.items() for country in countries.split()}


def region_of(country: str) -> str:
    """Return the region of a country by its ISO 3166-1 alpha-2 code."""
    return _REGION_OF.get(country, "asia")


#: Where the bands come from, and the months in which they hold (July to June).
INCOME_SOURCE = "https://datahelpdesk.worldbank.org/knowledgebase/articles/906519-world-bank-country-and-lending-groups"
INCOME_YEAR = "2025/26"
#: Countries (ISO 3166-1 alpha-2) by income band, as the World Bank lists economies from July 2025; it gives no band
#: to Venezuela and Ethiopia.
_INCOMES = {
    "low": "AF BF BI CD CF ER GM GW KP LR MG ML MW MZ NE RW SD SL SO SS SY TD TG UG YE",
    "lower-middle": (
        "AO BD BJ BO BT CG CI CM DJ EG FM GH GN HN HT IN JO KE KG KH KI KM LA LB LK LS MA MM MR NA NG NI NP PG PH "
        "PK PS SB SN ST SZ TJ TL TN TZ UZ VN VU ZM ZW"
    ),
    "upper-middle": (
        "AL AM AR AZ BA BR BW BY BZ CN CO CU CV DM DO DZ EC FJ GA GD GE GQ GT ID IQ IR JM KZ LC LY MD ME MH MK MN "
        "MU MV MX MY PE PY RS SR SV TH TM TO TR TV UA VC WS XK ZA"
    ),
    "high": (
        "AD AE AG AS AT AU AW BB BE BG BH BM BN BS CA CH CL CR CW CY CZ DE DK EE ES FI FO FR GB GG GI GL GR GU GY "
        "HK HR HU IE IL IM IS IT JE JP KN KR KW KY LI LT LU LV MC MF MO MP MT NC NL NO NR NZ OM PA PF PL PR PT PW "
        "QA RO RU SA SC SE SG SI SK SM SX TC TT TW US UY VG VI"
    ),
}
_INCOME_OF = {country: band for band, countries in _INCOMES.items() for country in countries.split()}


def income_of(country: str) -> str | None:
    """Return the income band of a country by its ISO 3166-1 alpha-2 code; None where the list has none."""
    return _INCOME_OF.get(country)
