"""What the citation keys of every table and reason stand for, each with the limits of what was read."""

from collections.abc import Mapping
from types import MappingProxyType

SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "000": (
            "iLive: article on the history of the ALL-REZ BFM 83, 90 and 95 trials. Its subscripts are lost "
            '("group S", "R."), so groups and blocks are told apart by their context; it tells of trials of 1983 to '
            "1997, whatever its date of review."
        ),
        "001": (
            "Article on the approach to treatment of relapsed ALL. Four of its lists are empty in what was read: "
            "timing of relapse, B-ALL without a trial, late relapse, long-term outcomes; what they said is unknown."
        ),
        "002": (
            "Fuster JL: review of relapsed childhood ALL, World Journal of Hematology 3(3), 2014, Tables 1 to 6 and "
            "Figure 1. [n] is its own reference n, of which the list was not read: numbers and some names only. Its "
            "tables were flattened; how their columns were found is said with the cells."
        ),
        "003": "Medscape: answer on relapsed ALL, updated 2 July 2021. Mostly data on adults, and labels of drugs.",
        "004": (
            "PDQ: Childhood ALL Treatment, version of 25 February 2014. Of it only the part on marrow relapse was read."
        ),
    }
)
