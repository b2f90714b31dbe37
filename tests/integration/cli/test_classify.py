"""`coursewatch classify`: cases of a file under all schemes; a row that cannot be read stops no other."""

import stat
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.integration.cli.cases import ADDED, EARLY, HEADER, LATE, asked, table
from tests.integration.cli.running import coursewatch
from workflow.domain.messages import INTENDED_USE
from workflow.protocols.library import shipped
from workflow.services.classify_cases import CasesAsked, classify_cases
from workflow.services.csv_records import lines_of

IMPOSSIBLE = "P3,2021-09-29,,2021-09-29,T,isolated_bm"


@pytest.fixture(autouse=True)
def _somewhere_else(new_home: Path) -> None:
    """Run in an empty folder: no database is needed, and none is made."""


def test_rows_come_back_with_their_classes_beside_them() -> None:
    finished = asked(HEADER, EARLY, LATE)

    early, late = table(finished.out)
    assert finished.code == 0
    assert list(early) == [*HEADER.split(","), *ADDED]
    assert {name: early[name] for name in HEADER.split(",")} == dict(
        zip(HEADER.split(","), EARLY.split(","), strict=True)
    )
    assert [early[name] for name in ADDED[:10]] == [
        *("early", "early", "intermediate", "early", "isolated_bm", ""),
        *("HR", "HR", "HR", "S3"),
    ]
    assert (early["recommendation.BFM_2002"], early["recommendation.BFM_2002.conditional_on"]) == ("HSCT", "CR2")
    assert (early["recommendation.COG_TABLE6"], early["recommendation.COG_TABLE6.conditional_on"]) == ("NEED_MRD", "")
    assert (late["timing.BFM"], late["timing.COG"], late["risk.BFM"], late["flags"]) == (
        *("late", "early", "IR"),
        "systems_disagree",
    )
    assert early["error"] == late["error"] == ""


def test_the_intended_use_is_said_and_nothing_is_made(tmp_path: Path) -> None:
    finished = asked(HEADER, EARLY)

    assert finished.err.splitlines() == ["1 rows: 1 classified, 0 refused.", INTENDED_USE]
    assert [path.name for path in Path.cwd().iterdir()] == ["cases.csv"]


def test_a_row_that_cannot_be_read_says_why_and_stops_no_other() -> None:
    finished = asked(HEADER, IMPOSSIBLE, "P4,soon,,2024-01-05,X,isolated_bm", "P5,2021-09-29", EARLY)

    rows = table(finished.out)
    assert finished.code == 0
    assert [row["pseudonym"] for row in rows] == ["P3", "P4", "P5", "P1"]
    assert rows[0]["error"] == "relapse_date must lie after diagnosis_date; correct one of them"
    assert rows[1]["error"] == ("diagnosis_date must be a date written YYYY-MM-DD; phenotype should be 'BCP' or 'T'")
    assert rows[2]["error"] == "the row has 2 cells, the header 6; is a comma missing or a quote?"
    assert [row["risk.BFM"] for row in rows] == ["", "", "", "HR"]
    assert "4 rows: 1 classified, 3 refused; see the column error." in finished.err


def test_a_file_of_refused_rows_ends_with_1_and_one_without_rows_with_0() -> None:
    assert asked(HEADER, IMPOSSIBLE).code == 1
    empty = asked(HEADER)
    assert (empty.code, table(empty.out)) == (0, [])
    assert empty.out.startswith(f"{HEADER},timing.BFM")


def test_findings_are_flattened_columns() -> None:
    header = (
        "diagnosis_date,frontline_end_date,relapse_date,phenotype,sex,findings.marrow_blasts_percent,"
        "findings.peripheral_blasts,findings.csf.wbc_per_ul,findings.csf.blasts,findings.csf.rbc_per_ul,"
        "findings.testis.left,findings.testis.right,findings.other_em,relapse_number"
    )
    dates = "2021-09-29,2023-09-29,2024-01-05,BCP"
    skin = '"[{""site"": ""skin"", ""biopsy"": ""positive""}]"'
    finished = asked(
        header,
        f"{dates},male,62,TRUE,1,false,0,normal,normal,,",
        f"{dates},male,12.5,false,1,false,0,normal,normal,{skin},1",
        f"{dates},male,1,false,8,true,3,normal,normal,[],",
        f"{dates},male,62,true,1,false,0,,,,",
        f"{dates},female,62,true,1,false,0,,,,2",
        f"{dates},female,62,yes,1,false,0,,,,two",
    )

    rows = table(finished.out)
    assert [row["class.relapse_site"] for row in rows] == [
        *("isolated_bm", "combined_bm", "isolated_em", "needs_review", "isolated_bm"),
        "",
    ]
    assert rows[3]["class.site_gaps"] == "G6"
    assert (rows[4]["timing.BFM"], rows[4]["recommendation.BFM_2002"]) == ("", "INDIVIDUAL")
    assert rows[5]["error"] == (
        "findings.peripheral_blasts must be true or false; relapse_number must be a whole number"
    )


IN_A_LIST = (
    '"[{""value"": ""0.1"", ""unit"": ""percent"", ""method"": ""PCR"", ""timepoint"": ""AFTER_INDUCTION_COURSE_2""}]"'
)
SINGLE = f"{HEADER},mrd.value,mrd.below,mrd.unit,mrd.method,mrd.timepoint,mrd"


@pytest.mark.parametrize(
    ("cells", "decision", "error"),
    [
        ("0.001,,fraction,PCR,AFTER_INDUCTION_COURSE_2,", "HSCT", ""),
        ("0.000999,,fraction,PCR,AFTER_INDUCTION_COURSE_2,", "CHEMO_MAINT", ""),
        (",0.0001,fraction,PCR,AFTER_INDUCTION_COURSE_2,", "CHEMO_MAINT", ""),
        ("0.001,,fraction,FLOW,AFTER_INDUCTION_COURSE_2,", "NEED_MRD", ""),
        (
            f",,,,,{IN_A_LIST}",
            "HSCT",
            "",
        ),
        (",,,,,", "NEED_MRD", ""),
        (
            "0.001,,,PCR,END_INDUCTION,",
            "",
            "mrd.unit is required, an MRD without unit is refused: send fraction, percent or log10",
        ),
        (
            ",0,fraction,PCR,END_INDUCTION,",
            "",
            "mrd.below 0 fraction must be above 0: it is the least that could have been seen",
        ),
        ("0.001,,fraction,PCR,END_INDUCTION,[{}]", "", "mrd and mrd.… are both filled; send one of them"),
        (
            "<0.0001,,fraction,PCR,END_INDUCTION,",
            "",
            (
                "mrd.value must be a decimal number, like 0.0005, without a unit or percent sign; a result below its "
                "detection limit is sent as below: 0.0001, without value"
            ),
        ),
        (",,,,,high", "", "mrd must be a list as JSON text, in square brackets"),
        (
            ',,,,,"[{""value"": 2, ""unit"": ""fraction"", ""method"": ""PCR"", ""timepoint"": ""WEEK_5""}]"',
            "",
            "mrd.0.value must lie between 0 and 1 as a fraction of cells (0 and 100 percent)",
        ),
    ],
)
def test_one_result_stands_in_columns_and_several_in_a_list(cells: str, decision: str, error: str) -> None:
    (row,) = table(asked(SINGLE, f"{LATE},{cells}").out)

    assert (row["recommendation.BFM_2002"], row["error"]) == (decision, error)


def test_byte_order_mark_windows_line_ends_and_quoted_lines_change_nothing() -> None:
    plain = asked(HEADER, EARLY, LATE).out
    assert asked("\ufeff" + HEADER, EARLY, LATE, end="\r\n").out == plain

    (row,) = table(asked(f"{HEADER},remark", f'{EARLY},"first, ""told""\nsecond line"').out)
    assert (row["remark"], row["risk.BFM"]) == ('first, "told"\nsecond line', "HR")


def test_further_columns_stay_and_one_like_a_misspelt_field_is_told() -> None:
    finished = asked(f"{HEADER},site,prior_hsc,", f"{EARLY},north,true,")

    (row,) = table(finished.out)
    assert (row["site"], row["prior_hsc"], row["recommendation.BFM_2002"]) == ("north", "true", "HSCT")
    told = [line for line in finished.err.splitlines() if line.startswith("Warning")]
    assert told == ["Warning: column 8, 'prior_hsc', is carried through unread; did you mean prior_hsct?"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "cases.csv: the file is empty; a CSV needs a header"),
        (b"\n\n", "the file is empty"),
        (HEADER.replace(",", ";").encode() + b"\n", "the columns are not separated by commas; save the file as CSV"),
        (f"{HEADER},phenotype\n{EARLY},T\n".encode(), "column phenotype stands there twice; keep one"),
        (f"{HEADER},remark,remark\n".encode(), "column remark stands there twice"),
        (f"{HEADER},flags\n".encode(), "column flags is one that is added; rename or remove it"),
        (b"diagnosis_date,relapse_site\n", "columns relapse_date, phenotype missing; every case needs them"),
        (HEADER.replace("relapse_date", "relapse_dat").encode(), "'relapse_dat', is carried through unread; did you"),
        (HEADER.replace(",relapse_site", "").encode(), "a column relapse_site or columns findings.… are missing"),
        ("pseudonym,é\n".encode("latin-1"), "line 1: byte 11 is not UTF-8; save the file as UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_mend(content: bytes, words: str) -> None:
    Path("cases.csv").write_bytes(content)
    finished = coursewatch("classify", "cases.csv")

    assert finished.code == 1
    assert words in finished.err
    assert finished.out == ""


def test_a_file_that_breaks_off_says_after_which_row() -> None:
    latin = f"{HEADER}\n{EARLY}\n".encode() + "Pé,x\n".encode("latin-1")
    Path("cases.csv").write_bytes(latin)
    finished = coursewatch("classify", "cases.csv")

    assert finished.code == 1
    assert "Stopped after 1 rows; what is written ends there." in finished.err
    assert "cases.csv, line 3: byte 2 is not UTF-8" in finished.err

    assert "is a quotation mark missing or not doubled?" in asked(HEADER, f'"{EARLY}').err


def test_the_answer_goes_to_a_file_that_its_owner_alone_can_read() -> None:
    printed = asked(HEADER, EARLY).out
    finished = coursewatch("classify", "cases.csv", "--out", "classes.csv")

    assert (finished.code, finished.out) == (0, "")
    assert Path("classes.csv").read_text(encoding="utf-8") == printed
    assert stat.S_IMODE(Path("classes.csv").stat().st_mode) == 0o600
    assert coursewatch("classify", "cases.csv", "--out", "-").out == printed


@pytest.mark.parametrize(
    "arguments",
    [["none.csv"], [], ["cases.csv", "--out", "cases.csv"], ["cases.csv", "--out", "no-folder/x.csv"]],
)
def test_wrong_usage_ends_with_2_and_harms_nothing(arguments: list[str]) -> None:
    Path("cases.csv").write_text(f"{HEADER}\n{EARLY}\n", encoding="utf-8")

    assert coursewatch("classify", *arguments).code == 2
    assert Path("cases.csv").read_text(encoding="utf-8") == f"{HEADER}\n{EARLY}\n"


def test_a_protocol_column_brings_its_readings() -> None:
    rows = table(asked(f"{HEADER},protocol", f"{EARLY},all-rez-bfm-90", f"{EARLY},all-rez-bfm-91").out)

    assert [row["risk.BFM"] for row in rows] == ["HR", ""]
    assert rows[1]["error"].startswith("protocol is not a protocol here; known: all-rez-bfm-2002, all-rez-bfm-90")


def test_rows_are_classified_one_at_a_time_however_long_the_file(tmp_path: Path) -> None:
    """A file without an end shows that no row waits for those after it."""

    def endless() -> Iterator[bytes]:
        yield f"{HEADER}\n".encode()
        while True:
            yield f"{EARLY}\n".encode()

    cases = classify_cases(endless(), "cases.csv", CasesAsked(protocols=shipped(), today=date(2024, 1, 5)))

    assert [next(cases.rows).refused for _ in range(1000)] == [False] * 1000


def test_a_file_is_read_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "cases.csv"
    file.write_bytes(b"\xef\xbb\xbfa\r\nb\nc\rd")

    assert list(lines_of(file)) == [b"a\r\n", b"b\n", b"c\r", b"d"]
