"""A header's time is the one its writer meant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from ingest.mailtime import moment

BEIJING = timezone(timedelta(hours=8))
MEANT = datetime(2018, 1, 19, 10, 36, tzinfo=BEIJING)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Fri, 19 Jan 2018 10:36:00 +0800", id="as the standard says"),
        pytest.param("Fri, 19 Jan 2018 10:36:00 +0800 (CST)", id="with the zone's name behind"),
        pytest.param("Fri, 19 Jan 2018 02:36:00 GMT", id="in Greenwich"),
        pytest.param("Fri, 19 Jan 2018 02:36:00 -0000", id="in Greenwich, from a place that is not told"),
        pytest.param("Thu, 18 Jan 2018 20:36:00 -0600 (CST)", id="in Chicago"),
        pytest.param("Fri, 19 Jan 2018 10:36:00 CST", id="China Standard Time"),
        pytest.param("Fri Jan 19 10:36:00 CST 2018", id="as Java prints it"),
        pytest.param("Fri, 19 Jan 2018 10:36:00 GMT+08:00", id="GMT and an offset"),
        pytest.param("19 Jan 2018 10:36 GMT+8", id="GMT and a short offset"),
        pytest.param("Fri, 19 Jan 2018 10:36:00 UTC+0800", id="UTC and an offset"),
        pytest.param("Fri, 19 Jan 2018 10:36:00", id="without a zone"),
        pytest.param("2018-01-19 10:36:00", id="in numbers"),
        pytest.param("2018-01-19T02:36:00Z", id="in numbers, in Greenwich"),
        pytest.param("2018-01-19 10:36:00 +0800", id="in numbers with an offset"),
        pytest.param("2018/1/19 10:36", id="in numbers with strokes"),
        pytest.param("2018年1月19日 10:36", id="in Chinese numbers"),
        pytest.param("星期五, 19 一月 2018 10:36:00 +0800", id="weekday and month in Chinese"),
        pytest.param("周五, 19 1月 2018 10:36:00 +0800", id="month as a number"),
    ],
)
def test_it_is_the_moment_its_writer_meant(text: str) -> None:
    found = moment(text)
    assert found == MEANT
    assert found is not None and found.tzinfo is not None


@pytest.mark.parametrize("text", ["", "yesterday", "Fri, 32 Jan 2018 10:36:00 +0800", "2018-13-19 10:36", "9999-12-31 23:59 +9999"])
def test_what_is_no_time_is_none(text: str) -> None:
    assert moment(text) is None


def test_an_offset_is_kept() -> None:
    found = moment("Fri, 19 Jan 2018 02:36:00 GMT")
    assert found is not None and found.astimezone(UTC).hour == 2
