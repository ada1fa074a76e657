"""Invented names of people for simulated editions; any likeness is chance."""

from __future__ import annotations

from portal.simulation.dice import Dice

_NAMES = {
    "european": (
        "Alma Bruno Clara Daniel Edith Felix Greta Hugo Ines Jonas Klara Leon Mira Nils Oda Paul Rosa Simon Tilda",
        "Arlen Berger Castell Dorn Eklund Ferrand Gall Hartmann Ilves Janssen Kovar Lind Moreau Novak Orsini",
    ),
    "latin": (
        "Adriana Benito Carmen Diego Elena Fabio Gabriela Hernán Isabel Joaquín Lucía Mateo Paula Rafael Sofía Tomás",
        "Aguilar Barros Cordeiro Domínguez Esteves Fuentes Galindo Herrera Ibarra Lacerda Montes Quiroga Salinas Vidal",
    ),
    "arabic": (
        "Amal Basil Dalal Faris Hanan Idris Jamila Karim Layla Munir Nadia Omar Rania Samir Tariq Yasmin",
        "Al-Amin Al-Hadi Barakat Darwish Fakhri Haddad Jaber Khalil Mansour Nasser Qasim Rahal Sabbagh Tahan Zaki",
    ),
    "south asian": (
        "Anika Arjun Bimal Deepa Farhana Ishan Kavya Lakshmi Meera Nikhil Priya Rohan Sanjana Tanvir Uma Vikram",
        "Acharya Banerjee Chowdhury Desai Gunawardena Iyer Kulkarni Mehta Nair Perera Rahman Sharma Thapa Varma",
    ),
    "southeast asian": (
        "Anong Bayu Chenda Dewi Hoa Intan Khamla Linh Malai Nurul Phuong Putri Rizal Somchai Thanh Wira",
        "Bui Chaiwat Dang Hartono Keomany Lazaro Mendoza Ngo Prasetyo Reyes Santoso Sokha Suwan Tran Wibowo Yusof",
    ),
    "african": (
        "Abebe Amina Chidi Desta Efua Fatou Grace Imani Kwame Lerato Mwangi Naledi Ousmane Sipho Thandi Zawadi",
        "Adeyemi Bekele Cissé Diallo Dlamini Habimana Kamau Mensah Mokoena Ndiaye Njoroge Okafor Otieno Tadesse",
    ),
    "turkic": (
        "Aigerim Aylin Bahram Dilara Emre Gulnara Kerem Leyla Nargiza Orkhan Rustam Selin Timur Umida Zeynep",
        "Abdullayev Aksoy Bekov Demir Ergashev Guliyev Karimov Kaya Mammadli Nurlanov Polat Sadykov Tekin Yildiz",
    ),
    "chinese": (
        "Bo-Han Chia-Wen Fang Hao-Yu Jing Li-Hua Ming Pei-Shan Rui Shu-Fen Wei Xin-Yi Yan Yu-Ting Zhi",
        "Chang Chen Fan Guo Hsieh Jiang Liao Lin Peng Shen Tang Tsai Wu Yeh Zhou",
    ),
    "japanese": (
        "Akane Daichi Emi Haruto Kaori Kenta Mayu Naoki Rin Shota Takumi Yui",
        "Asakura Fujita Hoshino Ishikawa Kitamura Matsuda Nakajima Okada Sakamoto Tachibana Ueno Yamane",
    ),
}
_KOREAN = (
    "김 이 박 최 정 강 조 윤 장 임 한 오",
    "가람 다온 도윤 라희 민서 서율 소담 시우 아린 예준 은솔 지안 하람 현우",
)

_GROUPS = {
    **dict.fromkeys(["es", "pt"], "latin"),
    **dict.fromkeys(["ar", "he"], "arabic"),
    **dict.fromkeys(["bn", "ne", "si", "dz"], "south asian"),
    **dict.fromkeys(["id", "ms", "th", "vi", "km", "lo"], "southeast asian"),
    **dict.fromkeys(["am", "rw", "sw"], "african"),
    **dict.fromkeys(["tr", "az", "kk", "uz", "mn"], "turkic"),
    **dict.fromkeys(["zh-Hans", "zh-Hant"], "chinese"),
    "ja": "japanese",
}
_COUNTRY_GROUPS = {
    **dict.fromkeys(["GH", "KE", "NG", "ZA", "SN", "MA"], "african"),
    "IN": "south asian",
    "PH": "southeast asian",
}


def invent_name(dice: Dice, country: str, language: str) -> str:
    """Invent a person's name that fits a country (ISO code) and its language; Korean names are in Hangul."""
    if language == "ko":
        families, given = (names.split() for names in _KOREAN)
        return dice.pick(families) + dice.pick(given)
    group = _COUNTRY_GROUPS.get(country) or _GROUPS.get(language, "european")
    given, families = (names.split() for names in _NAMES[group])
    return f"{dice.pick(given)} {dice.pick(families)}"
