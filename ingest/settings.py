"""The home folder's settings, read once into one frozen object: default < zicha.toml < environment."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

FILE = "zicha.toml"
PREFIX = "ZICHA_"
POLLING = ("auto", "always")
KINDS: Mapping[type, str] = {str: "文字", int: "整数", float: "数"}


class SettingsError(ValueError):
    """A setting that is not valid; the message names where it stands, the key and what is allowed."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a home folder can set. Times are in seconds, sizes in MiB."""

    home: Path
    rubric: str = "shuangyashan-2017"
    """Name of the rubric: a folder under home/rubrics, or a built-in one."""
    settle: float = 3.0
    """How long size and time of a file must have stood still before it counts."""
    rescan: float = 30.0
    """How often the inbox is looked through, events or not."""
    polling: str = "auto"
    """auto: events are a reason to look sooner; always: no events are asked for."""
    workers: int = 2
    """How many documents are read at the same time, each in a child process."""
    read_seconds: float = 300.0
    """Longest time for one document, by the clock and by the processor."""
    memory: int = 3072
    """Address space of a reading child; text recognition needs 1536."""
    tries: int = 3
    """So many times a file may break its reading, or a submission the program, before it is given up."""
    max_file: int = 200
    """Largest file that is opened."""
    convert_seconds: float = 90.0
    """Longest time for one conversion by LibreOffice."""
    keep_years: int = 10
    """How long what was received is kept; `zicha purge` lets it go afterwards."""
    host: str = "127.0.0.1"
    """Address that the pages are served on: this machine only, unless told otherwise."""
    port: int = 8017
    """Port of the pages; 0: `zicha watch` serves none."""
    idle_minutes: float = 60.0
    """After so many minutes without a click a person has to log in again."""

    @property
    def inbox(self) -> Path:
        return self.home / "inbox"

    @property
    def outbox(self) -> Path:
        return self.home / "outbox"

    @property
    def var(self) -> Path:
        return self.home / "var"


BOUNDS: Mapping[str, tuple[float, float]] = {
    "settle": (0, 3600),
    "rescan": (1, 86400),
    "workers": (1, 64),
    "read_seconds": (1, 7200),
    "memory": (512, 1048576),
    "tries": (1, 20),
    "max_file": (1, 4096),
    "convert_seconds": (1, 3600),
    "keep_years": (1, 100),
    "port": (0, 65535),
    "idle_minutes": (1, 1440),
}


TEMPLATE = """\
# 自查的设置。行首带 # 的是默认值，要改就去掉 # 并改值；改后运行 zicha check 校验。
# 环境变量（如 ZICHA_WORKERS=4）优先于本文件。

rubric = {rubric}  # 采用的细则：rubrics 下的文件夹名
# settle = {settle:g}                    # 文件须静止多少秒才算收全
# rescan = {rescan:g}                   # 每隔多少秒查看一遍收件目录
# polling = "{polling}"             # auto 或 always；网络共享盘用 always
# workers = {workers}                   # 同时读取几个文件
# read_seconds = {read_seconds:g}            # 读取一个文件最长多少秒；每读完一页另加10秒
# memory = {memory}                 # 读取一个文件最多用多少 MiB 内存
# tries = {tries}                     # 读取中断几次后不再自动重试
# max_file = {max_file}                # 最大打开多少 MiB 的文件
# convert_seconds = {convert_seconds:g}          # 用 LibreOffice 转换一个文件最长多少秒
# keep_years = {keep_years}               # 来件保存多少年；期满后运行 zicha purge 清除
# host = "{host}"            # 网页只在本机打开；经反向代理对外，见 docs/web.md
# port = {port}                   # 网页的端口；0 表示 zicha watch 不开网页
# idle_minutes = {idle_minutes:g}             # 多少分钟没有操作须重新登录
"""
"""zicha.toml as `zicha init` writes it."""


def template(rubric: str) -> str:
    """zicha.toml for an office that begins: the rubric in use, and every other key with its default."""
    defaults = {f.name: f.default for f in fields(Settings) if f.name not in ("home", "rubric")}
    return TEMPLATE.format(rubric=f'"{rubric}"', **defaults)


def load_settings(home: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings of that home folder; raises SettingsError."""
    path = home / FILE
    values = {key: _checked(str(path), key, value) for key, value in _toml(path).items()}
    for key in _keys():
        name = PREFIX + key.upper()
        if name in environ:
            values[key] = _checked(f"环境变量 {name}", key, _from_text(key, environ[name]))
    return Settings(home=home.resolve(), **values)


def _keys() -> dict[str, type]:
    """Key -> type, told by its default."""
    return {f.name: type(f.default) for f in fields(Settings) if f.name != "home"}


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}：不是有效的 TOML 文件（{error}）") from error


def _from_text(key: str, text: str) -> Any:
    """Environment text as the key's own type; text that is no number stays text, and is refused by the check."""
    kind = _keys()[key]
    try:
        return kind(text)
    except ValueError:
        return text


def _checked(where: str, key: str, value: Any) -> Any:
    keys = _keys()
    if key not in keys:
        raise SettingsError(f"{where}：没有“{key}”这一项；可用的项：{'、'.join(keys)}")
    kind = keys[key]
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        raise SettingsError(f"{where}：{key} 须为{KINDS[kind]}，现为 {value!r}")
    problem = _problem(key, value)
    if problem:
        raise SettingsError(f"{where}：{key} {problem}，现为 {value!r}")
    return value


def _problem(key: str, value: Any) -> str:
    """What is wrong with a value of the right type; "" if nothing is."""
    if key == "polling" and value not in POLLING:
        return f"可用的值：{'、'.join(POLLING)}"
    if key == "rubric" and (not value or value.startswith(".") or "/" in value or "\\" in value):
        return "须为 rubrics 下的文件夹名"
    if key in BOUNDS and not BOUNDS[key][0] <= value <= BOUNDS[key][1]:
        return f"须在 {BOUNDS[key][0]:g} 至 {BOUNDS[key][1]:g} 之间"
    return ""
