"""Settings: default, then zicha.toml, then the environment; an error says where, what and what is allowed."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from ingest.settings import SettingsError, load_settings


def settings(home: Path, toml: str = "", **environ: str) -> object:
    if toml:
        (home / "zicha.toml").write_text(toml, "utf-8")
    return load_settings(home, environ)


def test_an_empty_home_has_defaults(tmp_path: Path) -> None:
    found = load_settings(tmp_path, {})
    assert (found.inbox, found.outbox, found.rubric) == (tmp_path / "inbox", tmp_path / "outbox", "shuangyashan-2017")


def test_the_file_wins_over_the_default_and_the_environment_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "zicha.toml").write_text("settle = 5\nworkers = 3\n", "utf-8")
    found = load_settings(tmp_path, {"ZICHA_WORKERS": "4", "OTHER": "x"})
    assert (found.settle, found.workers) == (5.0, 4)


def test_the_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "zicha.toml").write_bytes("\ufeffsettle = 1\n".encode())
    assert load_settings(tmp_path, {}).settle == 1


def test_settings_cannot_be_changed_afterwards(tmp_path: Path) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        load_settings(tmp_path, {}).settle = 1  # type: ignore[misc]


WRONG = [
    pytest.param("setle = 5", "没有“setle”这一项；可用的项：rubric、settle", id="an unknown key"),
    pytest.param('settle = "5"', "settle 须为数", id="a wrong type"),
    pytest.param("workers = true", "workers 须为整数", id="true is no number"),
    pytest.param("workers = 0", "workers 须在 1 至 64 之间", id="out of bounds"),
    pytest.param('polling = "never"', "polling 可用的值：auto、always", id="a value that is none of those allowed"),
    pytest.param('rubric = "../x"', "rubric 须为 rubrics 下的文件夹名", id="a rubric that climbs"),
    pytest.param("settle = ", "不是有效的 TOML 文件", id="no TOML"),
]


@pytest.mark.parametrize(("toml", "message"), WRONG)
def test_a_wrong_setting_is_named_with_what_is_allowed(tmp_path: Path, toml: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings(tmp_path, toml)
    assert message in str(caught.value)
    assert "zicha.toml" in str(caught.value)


def test_a_wrong_environment_variable_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="环境变量 ZICHA_WORKERS：workers 须为整数"):
        settings(tmp_path, ZICHA_WORKERS="many")
