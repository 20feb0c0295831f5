#!/bin/sh
# 离线安装或升级自查（zicha）：不连接任何网络。已有的工作目录原样保留，升级前先备份。
# 用法：sh install.sh [--prefix /opt/zicha] [--home /srv/zicha] [--python python3.11] [--no-service]
set -eu
unset PYTHONPATH PYTHONHOME

prefix=/opt/zicha
home=/srv/zicha
python=python3.11
service=yes
account=zicha

die() {
    echo "$*" >&2
    exit 1
}

while [ $# -gt 0 ]; do
    case $1 in
    --no-service) service=no ;;
    --prefix | --home | --python)
        [ $# -ge 2 ] || die "$1 后面缺少值"
        case $1 in --prefix) prefix=$2 ;; --home) home=$2 ;; --python) python=$2 ;; esac
        shift
        ;;
    *)
        sed -n '2,3s/^# //p' "$0"
        exit 2
        ;;
    esac
    shift
done
case $prefix in /*) ;; *) prefix=$(pwd)/$prefix ;; esac
case $home in /*) ;; *) home=$(pwd)/$home ;; esac

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
version=$(cat "$here/VERSION")
release=$prefix/releases/$version-$(date +%Y%m%d%H%M%S)
[ "$(id -u)" = 0 ] && [ "$service" = yes ] && [ -d /run/systemd/system ] || service=no

# ---- 这台机器能不能装

echo "一、检查安装文件和系统"
(cd "$here" && sha256sum --quiet -c SHA256SUMS) || die "安装文件不完整，请重新复制"
case $(uname -m) in
x86_64 | aarch64) ;;
*) die "没有适用于 $(uname -m) 的组件；只支持 x86_64 和 aarch64" ;;
esac
"$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null ||
    die "需要 Python 3.11（含 venv），未找到；请先安装，或用 --python 指定其位置"

# ---- 装到新的位置，旧版本不动

echo "二、安装到 $release"
umask 022
mkdir -p "$prefix/releases"
failed() {
    rm -rf "$release"
    [ "${stopped:-no}" = no ] || systemctl start zicha.service
    die "没有装成，原有的程序和数据未改动"
}
trap failed EXIT
"$python" -m venv "$release"
PIP_CONFIG_FILE=/dev/null "$release/bin/python" -m pip --isolated install --quiet --disable-pip-version-check --no-index --find-links "$here/wheels" \
    --require-hashes --no-deps -r "$here/requirements.lock"
"$release/bin/zicha" --version
mkdir -p "$release/docs"
cp "$here"/docs/*.md "$release/docs/"

# ---- 工作目录：没有就新建，有就先备份

as_owner() { "$@"; }
if [ "$service" = yes ]; then
    id "$account" >/dev/null 2>&1 || useradd --system --home-dir "$home" --shell /usr/sbin/nologin "$account"
    as_owner() { runuser -u "$account" -- "$@"; }
    if systemctl is-active --quiet zicha.service; then
        systemctl stop zicha.service
        stopped=yes
    fi
fi
umask 077
if [ -f "$home/var/zicha.db" ]; then
    echo "三、备份 $home"
    as_owner mkdir -p "$home/backups"
    as_owner "$release/bin/zicha" backup "$home/backups/before-$version-$(date +%Y%m%d%H%M%S).zip" --home "$home"
else
    echo "三、建立工作目录 $home"
    mkdir -p "$home"
    [ "$service" = no ] || chown "$account:$account" "$home"
    as_owner "$release/bin/zicha" init --home "$home"
fi
as_owner "$release/bin/zicha" check --home "$home" >/dev/null

# ---- 换成新版本

echo "四、启用"
umask 022
trap - EXIT
ln -s "$release" "$prefix/.current.$$"
previous=$(readlink "$prefix/current" || true)
mv -T "$prefix/.current.$$" "$prefix/current"
for old in "$prefix"/releases/*; do
    case $old in "$release" | "$previous") ;; *) rm -rf "$old" ;; esac
done
if [ "$service" = yes ]; then
    sed -e "s#/opt/zicha#$prefix#g" -e "s#/srv/zicha#$home#g" "$here/zicha.service" >/etc/systemd/system/zicha.service
    systemctl daemon-reload
    systemctl enable --quiet zicha.service
    systemctl restart zicha.service
    sleep 3
    systemctl is-active --quiet zicha.service || {
        echo "程序已装好，但服务没有运行起来；请看 journalctl -u zicha -n 20（管理员处理）" >&2
        exit 1
    }
fi
echo "已装好：$prefix/current/bin/zicha（$version），工作目录 $home"
[ -z "$previous" ] || echo "上一个版本还在 $previous；要退回，见 docs/operations.md"
echo "运行 $prefix/current/bin/zicha doctor --home $home 检查"
