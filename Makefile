# Everything a developer or a curious person needs; only Python 3.11 and make have to be there.
PYTHON ?= python3.11
VENV ?= .venv
BIN := $(VENV)/bin
UV ?= $(shell command -v uv || echo $(BIN)/uv)
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

.PHONY: help demo test check bundle lock clean

help:
	@echo "make demo   处理 examples/ 中的示例邮件，结果在 demo/outbox/"
	@echo "make test   运行全部测试"
	@echo "make check  类型、代码风格和快速测试（两分钟以内）"
	@echo "make bundle 把离线安装所需的一切做成一个文件，在 dist/（需要联网）"
	@echo "make lock   按 pyproject.toml 重新生成 requirements.lock、requirements-dev.lock"

# An environment is made once for each state of its lock: the stamp is newer than the lock, or it is done again.
$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.lock | $(BIN)/python
	@echo "正在安装运行所需的组件（首次约需一两分钟）……"
	@$(PIP) -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock | $(BIN)/python
	@echo "正在安装测试所需的组件（首次约需一两分钟）……"
	@$(PIP) -r requirements-dev.lock
	@touch $@ $(VENV)/.runtime

demo: $(VENV)/.runtime
	@mkdir -p demo && rm -rf demo/inbox && cp -Rp examples demo/inbox && rm -f demo/inbox/README.md demo/inbox/.gitattributes
	@$(BIN)/python zicha.py once --home demo
	@echo "看板：demo/outbox/看板.html（用浏览器打开）"

test: $(VENV)/.dev
	@$(BIN)/python -m pytest -q --numprocesses=3 --dist=loadfile --no-loadscope-reorder

check: $(VENV)/.dev
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m mypy
	@$(BIN)/python -m pytest -q -m "not slow"

bundle: $(VENV)/.dev
	@$(BIN)/python packaging/bundle.py dist

COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate
lock:
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) pyproject.toml --extra dev -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf build dist demo *.egg-info
