"""A table of real cities for simulated editions: names, countries, languages and rounded populations.

Written down from general knowledge for the simulator only. Populations are approximate (roughly the municipality,
rounded) and are no source for anything: real cases carry their own sources.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Country:
    """A country: ISO 3166-1 alpha-2 code, names, and the main working language of its cities."""

    code: str
    name: str
    name_ko: str
    language: str


@dataclass(frozen=True, slots=True)
class City:
    """A real city with an approximate population in people."""

    name: str
    name_ko: str
    country: Country
    population: int

    @property
    def region(self) -> str:
        """Give the region of the world, by vocabulary key."""
        return next(region for region, codes in _REGIONS.items() if self.country.code in codes.split())

    @property
    def language(self) -> str:
        """Give the BCP 47 tag of the city's working language."""
        return self.country.language


_REGIONS = {
    "asia": "AM AZ BD BT CN GE ID IN JP KH KR KZ LA LK MN MY NP PH TH TW UZ VN",
    "middle-east": "AE IL JO QA SA TR",
    "africa": "EG ET GH KE MA NG RW SN TN TZ ZA",
    "americas": "AR BR CA CL CO CR EC MX PE US UY",
    "oceania": "AU NZ",
    "europe": "AL AT BE BG CH CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LT LU LV NL NO PL PT RO RS SE SI UA",
}

# A line is a country: code, English name, Korean name, language. The indented lines below it are its cities:
# English name, Korean name, population in thousands.
_TABLE = """
AE United Arab Emirates|아랍에미리트|ar
  Dubai|두바이|3500
  Sharjah|샤르자|1800
AL Albania|알바니아|sq
  Tirana|티라나|600
AM Armenia|아르메니아|hy
  Yerevan|예레반|1100
AR Argentina|아르헨티나|es
  Buenos Aires|부에노스아이레스|3100
  Córdoba|코르도바|1500
  Rosario|로사리오|1000
AT Austria|오스트리아|de
  Vienna|빈|2000
  Graz|그라츠|300
AU Australia|오스트레일리아|en
  Melbourne|멜버른|180
  Brisbane|브리즈번|1300
  Newcastle|뉴캐슬|170
AZ Azerbaijan|아제르바이잔|az
  Baku|바쿠|2300
BD Bangladesh|방글라데시|bn
  Dhaka|다카|10300
  Chattogram|치타공|3200
BE Belgium|벨기에|nl
  Ghent|겐트|270
  Antwerp|안트베르펜|540
BG Bulgaria|불가리아|bg
  Sofia|소피아|1300
  Plovdiv|플로브디프|340
BR Brazil|브라질|pt
  Curitiba|쿠리치바|1800
  Recife|헤시피|1500
  Fortaleza|포르탈레자|2400
  Belo Horizonte|벨루오리존치|2300
BT Bhutan|부탄|dz
  Thimphu|팀푸|115
CA Canada|캐나다|en
  Vancouver|밴쿠버|660
  Montreal|몬트리올|1800
  Edmonton|에드먼턴|1000
CH Switzerland|스위스|de
  Zurich|취리히|430
  Lausanne|로잔|140
CL Chile|칠레|es
  Santiago|산티아고|5600
  Valparaíso|발파라이소|300
CN China|중국|zh-Hans
  Chengdu|청두|20900
  Hangzhou|항저우|12200
  Xiamen|샤먼|5200
CO Colombia|콜롬비아|es
  Medellín|메데인|2600
  Cali|칼리|2300
  Barranquilla|바랑키야|1300
CR Costa Rica|코스타리카|es
  San José|산호세|350
CZ Czechia|체코|cs
  Prague|프라하|1350
  Brno|브르노|400
DE Germany|독일|de
  Hamburg|함부르크|1900
  Cologne|쾰른|1080
  Leipzig|라이프치히|610
DK Denmark|덴마크|da
  Copenhagen|코펜하겐|660
  Aarhus|오르후스|360
EC Ecuador|에콰도르|es
  Quito|키토|1900
  Cuenca|쿠엥카|600
EE Estonia|에스토니아|et
  Tallinn|탈린|450
  Tartu|타르투|97
EG Egypt|이집트|ar
  Alexandria|알렉산드리아|5400
  Port Said|포트사이드|780
ES Spain|스페인|es
  Bilbao|빌바오|345
  Valencia|발렌시아|800
  Málaga|말라가|580
ET Ethiopia|에티오피아|am
  Addis Ababa|아디스아바바|3900
FI Finland|핀란드|fi
  Helsinki|헬싱키|670
  Tampere|탐페레|255
  Oulu|오울루|215
FR France|프랑스|fr
  Lyon|리옹|520
  Nantes|낭트|325
  Rennes|렌|225
GB United Kingdom|영국|en
  Bristol|브리스틀|480
  Glasgow|글래스고|630
  Leeds|리즈|810
GE Georgia|조지아|ka
  Tbilisi|트빌리시|1200
GH Ghana|가나|en
  Accra|아크라|2500
  Kumasi|쿠마시|3300
GR Greece|그리스|el
  Athens|아테네|640
  Thessaloniki|테살로니키|320
HR Croatia|크로아티아|hr
  Zagreb|자그레브|770
HU Hungary|헝가리|hu
  Budapest|부다페스트|1700
ID Indonesia|인도네시아|id
  Jakarta|자카르타|10600
  Bandung|반둥|2500
  Makassar|마카사르|1400
  Semarang|스마랑|1700
IE Ireland|아일랜드|en
  Dublin|더블린|590
  Cork|코크|220
IL Israel|이스라엘|he
  Tel Aviv|텔아비브|470
IN India|인도|en
  Pune|푸네|3100
  Surat|수라트|4500
  Kochi|코치|680
  Indore|인도르|2000
IS Iceland|아이슬란드|is
  Reykjavik|레이캬비크|140
  Akureyri|아퀴레이리|20
IT Italy|이탈리아|it
  Milan|밀라노|1400
  Turin|토리노|850
  Bologna|볼로냐|390
JO Jordan|요르단|ar
  Amman|암만|4000
  Irbid|이르비드|570
JP Japan|일본|ja
  Yokohama|요코하마|3770
  Fukuoka|후쿠오카|1600
  Kobe|고베|1500
  Aizuwakamatsu|아이즈와카마쓰|115
KE Kenya|케냐|en
  Nairobi|나이로비|4400
  Kisumu|키수무|600
KH Cambodia|캄보디아|km
  Phnom Penh|프놈펜|2300
  Siem Reap|시엠레아프|250
KR Republic of Korea|대한민국|ko
  Busan|부산|3280
  Daegu|대구|2360
  Daejeon|대전|1440
  Goyang|고양|1060
  Suwon|수원|1190
  Gwangju|광주|1400
  Pohang|포항|490
  Jeju|제주|490
KZ Kazakhstan|카자흐스탄|kk
  Astana|아스타나|1400
  Almaty|알마티|2200
LA Laos|라오스|lo
  Vientiane|비엔티안|950
LK Sri Lanka|스리랑카|si
  Colombo|콜롬보|750
LT Lithuania|리투아니아|lt
  Vilnius|빌뉴스|590
  Kaunas|카우나스|300
LU Luxembourg|룩셈부르크|fr
  Luxembourg|룩셈부르크시|135
LV Latvia|라트비아|lv
  Riga|리가|605
MA Morocco|모로코|fr
  Casablanca|카사블랑카|3400
  Rabat|라바트|580
MN Mongolia|몽골|mn
  Ulaanbaatar|울란바토르|1600
MX Mexico|멕시코|es
  Guadalajara|과달라하라|1400
  Mérida|메리다|920
  Puebla|푸에블라|1700
MY Malaysia|말레이시아|ms
  Miri|미리|250
  Penang|피낭|800
  Shah Alam|샤알람|740
NG Nigeria|나이지리아|en
  Lagos|라고스|15000
  Abuja|아부자|3600
NL Netherlands|네덜란드|nl
  Rotterdam|로테르담|660
  Eindhoven|에인트호번|240
  Utrecht|위트레흐트|365
NO Norway|노르웨이|nb
  Oslo|오슬로|710
  Bergen|베르겐|290
NP Nepal|네팔|ne
  Kathmandu|카트만두|860
  Pokhara|포카라|510
NZ New Zealand|뉴질랜드|en
  Wellington|웰링턴|215
  Christchurch|크라이스트처치|395
PE Peru|페루|es
  Lima|리마|10000
  Arequipa|아레키파|1000
PH Philippines|필리핀|en
  Baguio|바기오|370
  Iligan|일리간|360
  Quezon City|케손시티|2960
  Davao City|다바오시티|1780
PL Poland|폴란드|pl
  Gdańsk|그단스크|490
  Wrocław|브로츠와프|670
  Kraków|크라쿠프|800
PT Portugal|포르투갈|pt
  Lisbon|리스본|550
  Porto|포르투|230
  Braga|브라가|195
QA Qatar|카타르|ar
  Doha|도하|1200
RO Romania|루마니아|ro
  Cluj-Napoca|클루지나포카|290
  Iași|이아시|270
RS Serbia|세르비아|sr
  Belgrade|베오그라드|1400
  Kragujevac|크라구예바츠|150
RW Rwanda|르완다|rw
  Kigali|키갈리|1750
SA Saudi Arabia|사우디아라비아|ar
  Riyadh|리야드|7000
  Madinah|메디나|1400
SE Sweden|스웨덴|sv
  Gothenburg|예테보리|600
  Malmö|말뫼|360
SI Slovenia|슬로베니아|sl
  Ljubljana|류블랴나|295
SN Senegal|세네갈|fr
  Dakar|다카르|1200
TH Thailand|태국|th
  Bangkok|방콕|5500
  Phuket|푸껫|80
  Khon Kaen|콘깬|110
TN Tunisia|튀니지|ar
  Tunis|튀니스|640
  Sfax|스팍스|330
TR Türkiye|튀르키예|tr
  Konya|코니아|2300
  Kocaeli|코자엘리|2100
  Bursa|부르사|3200
TW Taiwan|대만|zh-Hant
  Taoyuan|타오위안|2300
  Kaohsiung|가오슝|2730
  Taichung|타이중|2840
TZ Tanzania|탄자니아|sw
  Dar es Salaam|다르에스살람|5400
UA Ukraine|우크라이나|uk
  Lviv|르비우|720
US United States|미국|en
  New York|뉴욕|8300
  Chicago|시카고|2700
  Columbus|콜럼버스|910
  San Diego|샌디에이고|1390
UY Uruguay|우루과이|es
  Montevideo|몬테비데오|1300
UZ Uzbekistan|우즈베키스탄|uz
  Tashkent|타슈켄트|3000
VN Vietnam|베트남|vi
  Da Nang|다낭|1200
  Hue|후에|650
  Can Tho|껀터|1250
ZA South Africa|남아프리카공화국|en
  Cape Town|케이프타운|4700
  Durban|더반|3900
  Tshwane|츠와네|4000
"""


def _read(table: str) -> Iterator[City]:
    """Read the table above."""
    country: Country | None = None
    for line in table.strip().splitlines():
        if line.startswith("  "):
            if country is None:
                raise ValueError("a city stands before the first country")
            name, name_ko, thousands = line.strip().split("|")
            yield City(name, name_ko, country, int(thousands) * 1000)
        else:
            name, name_ko, language = line[3:].split("|")
            country = Country(line[:2], name, name_ko, language)


CITIES: tuple[City, ...] = tuple(_read(_TABLE))
COUNTRIES: tuple[Country, ...] = tuple(dict.fromkeys(city.country for city in CITIES))
