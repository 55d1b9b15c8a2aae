#!/usr/bin/env bash
# Finds what qp-gpu's build needs and this machine lacks, says so, and installs it (Debian, Ubuntu and their kin).
#
# usage: scripts/install-dependencies.sh [--build | --profile | --test | --benchmarks] [--dry-run]
#
#   --build       what the compiler and the linker need
#   --profile     the same, and a Vulkan driver to run on (default)
#   --test        the same, and the Vulkan validation layer
#   --benchmarks  what --profile needs, and OpenBLAS to compare with
#   --dry-run     says what is missing and installs nothing; exit status 1 when something is
#
# A need is looked for by the file that meets it, not by a package's name, so a Vulkan SDK or a driver installed by
# other means counts, and a machine that has everything needs no apt, no root and no network. Mesa's drivers, with
# the CPU rasteriser llvmpipe among them, come only where no usable driver is present: a machine with a GPU and its
# driver keeps what it has. (For llvmpipe beside a GPU, install mesa-vulkan-drivers by hand.)
#
# Exit status: 0 everything is there, 1 something is missing and could not be installed, 2 usage.
set -euo pipefail

readonly minimum_swift_major=6 minimum_swift_minor=2

usage() { sed -n '4,10s/^# \{0,1\}//p' "$0"; }

# fail WHAT TRY...: one line that says what failed with which values, then what to try.
fail() {
    printf 'install-dependencies: error: %s\n' "$1" >&2
    shift
    printf '  try: %s\n' "$@" >&2
    exit 1
}

purpose=profile
dry_run=no
for argument in "$@"; do
    case $argument in
    --build | --profile | --test | --benchmarks) purpose=${argument#--} ;;
    --dry-run) dry_run=yes ;;
    -h | --help)
        usage
        exit 0
        ;;
    *)
        printf 'install-dependencies: error: unknown option "%s"\n' "$argument" >&2
        usage >&2
        exit 2
        ;;
    esac
done

# ---- What the machine has --------------------------------------------------------------------------------------

machine=$(uname -m)
include_folders=(/usr/local/include /usr/include "/usr/include/$machine-linux-gnu")
library_folders=(/usr/local/lib /usr/lib "/usr/lib/$machine-linux-gnu" /usr/lib64 /lib64)
IFS=: read -r -a searched <<<"${CPATH:-}:${CPLUS_INCLUDE_PATH:-}"
include_folders+=("${searched[@]}")
IFS=: read -r -a searched <<<"${LIBRARY_PATH:-}"
library_folders+=("${searched[@]}")

has_header() {
    local folder
    for folder in "${include_folders[@]}"; do
        if [[ -n $folder && -e $folder/$1 ]]; then return 0; fi
    done
    return 1
}

has_library() {
    local folder suffix
    for folder in "${library_folders[@]}"; do
        for suffix in so a; do
            if [[ -n $folder && -e $folder/lib$1.$suffix ]]; then return 0; fi
        done
    done
    return 1
}

# The loader itself, opened at run time: libvulkan.so.1.
has_vulkan_loader() {
    local folder
    local searched
    IFS=: read -r -a searched <<<"${LD_LIBRARY_PATH:-}"
    for folder in "${library_folders[@]}" "${searched[@]}"; do
        if [[ -n $folder && -e $folder/libvulkan.so.1 ]]; then return 0; fi
    done
    return 1
}

# The GCC installation that Swift's clang takes its C++ library from: the newest one.
newest_gcc_version() {
    local crtbegin
    for crtbegin in /usr/lib/gcc/"$machine"-*linux*/*/crtbegin.o; do
        if [[ -e $crtbegin ]]; then basename "$(dirname "$crtbegin")"; fi
    done | sort -V | tail -n 1
}

has_cxx_library() {
    local version
    version=$(newest_gcc_version)
    [[ -n $version && -e /usr/include/c++/$version/string ]] && has_header stdio.h
}

has_linker() { command -v ld.gold >/dev/null; }

# Prints the driver manifests that the Vulkan loader would read.
driver_manifests() {
    local folder manifest
    if [[ -n ${VK_DRIVER_FILES:-${VK_ICD_FILENAMES:-}} ]]; then
        tr ':' '\n' <<<"${VK_DRIVER_FILES:-$VK_ICD_FILENAMES}"
        return
    fi
    for folder in "${XDG_DATA_HOME:-${HOME:-/root}/.local/share}" /etc /usr/local/share /usr/share; do
        for manifest in "$folder"/vulkan/icd.d/*.json; do
            if [[ -e $manifest ]]; then printf '%s\n' "$manifest"; fi
        done
    done
}

has_gpu() {
    local node
    for node in /dev/dri/renderD* /dev/nvidiactl /dev/dxg; do
        if [[ -e $node ]]; then return 0; fi
    done
    return 1
}

# A CPU rasteriser's driver always works; any other only where there is a GPU to drive.
has_driver() {
    local manifest
    while IFS= read -r manifest; do
        case ${manifest##*/} in
        lvp_icd* | vk_swiftshader_icd*) return 0 ;;
        *) if has_gpu; then return 0; fi ;;
        esac
    done < <(driver_manifests)
    return 1
}

has_validation_layer() {
    local folder data_home=${XDG_DATA_HOME:-${HOME:-/root}/.local/share}
    for folder in ${VK_LAYER_PATH:+"$VK_LAYER_PATH"} "$data_home/vulkan/explicit_layer.d" \
        /etc/vulkan/explicit_layer.d /usr/local/share/vulkan/explicit_layer.d /usr/share/vulkan/explicit_layer.d; do
        if [[ -e $folder/VkLayer_khronos_validation.json ]]; then return 0; fi
    done
    return 1
}

# ---- Swift, which this script does not install -----------------------------------------------------------------

check_swift() {
    local wanted=$minimum_swift_major.$minimum_swift_minor path output
    path=$(command -v swift) || fail "Swift $wanted or newer is needed, and there is no swift on PATH ($PATH)" \
        "install it as https://www.swift.org/install/linux says, or add its usr/bin to PATH"
    output=$(swift --version 2>&1) || fail "$path does not start: $(head -n 1 <<<"$output")" \
        "install what the toolchain itself needs, on Debian 12: libcurl4 libncurses6 libsqlite3-0 libxml2 tzdata"
    if [[ ! $output =~ Swift\ version\ ([0-9]+)\.([0-9]+) ]]; then
        fail "$path --version names no Swift version: $(head -n 1 <<<"$output")" \
            "install Swift $wanted or newer as https://www.swift.org/install/linux says"
    fi
    local major=${BASH_REMATCH[1]} minor=${BASH_REMATCH[2]}
    if ((major < minimum_swift_major || (major == minimum_swift_major && minor < minimum_swift_minor))); then
        fail "Swift $wanted or newer is needed, and $path is Swift $major.$minor" \
            "install a newer one as https://www.swift.org/install/linux says, and put it first on PATH"
    fi
}

# ---- What is missing -------------------------------------------------------------------------------------------

packages=()
reasons=()
need() {
    packages+=("$1")
    reasons+=("$2")
}

cxx_package() {
    local version
    version=$(newest_gcc_version)
    if [[ -z $version ]] && command -v apt-cache >/dev/null; then
        version=$(apt-cache depends g++ 2>/dev/null | sed -n 's/^ *Depends: g++-\([0-9]*\).*/\1/p' | head -n 1)
    fi
    echo "libstdc++-${version:-12}-dev"
}

# Where binutils no longer holds gold, it has a package of its own.
linker_package() {
    if apt-cache show binutils-gold 2>/dev/null | grep -q '^Package: binutils-gold'; then
        echo binutils-gold
    else
        echo binutils
    fi
}

find_missing() {
    packages=()
    reasons=()
    has_cxx_library || need "$(cxx_package)" "C and C++ headers and libraries for Swift's compiler"
    has_linker || need "$(linker_package)" "the linker that Swift uses, ld.gold"
    has_header vulkan/vulkan.h || need libvulkan-dev "Vulkan headers and loader"
    if ! has_header glslang/Include/glslang_c_interface.h || ! has_library glslang; then
        need glslang-dev "compiles the kernels' GLSL at run time"
    fi
    if ! has_header spirv-tools/optimizer.hpp || ! has_library SPIRV-Tools-opt; then
        need spirv-tools "validates and optimises the compiled kernels"
    fi
    if [[ $purpose != build ]]; then
        if has_header vulkan/vulkan.h && ! has_vulkan_loader; then need libvulkan1 "the Vulkan loader"; fi
        has_driver || need mesa-vulkan-drivers "a Vulkan driver: llvmpipe on the CPU, and Mesa's for AMD and Intel GPUs"
    fi
    if [[ $purpose == test ]]; then
        has_validation_layer || need vulkan-validationlayers "the tests fail on any message of the validation layer"
    fi
    if [[ $purpose == benchmarks ]]; then
        has_library openblas || need libopenblas-dev "the benchmarks compare with its sgemv"
    fi
}

# ---- Installing it ---------------------------------------------------------------------------------------------

# Sets `as_root` to the words that run a command as root.
find_root() {
    if [[ $(id -u) == 0 ]]; then
        as_root=()
    elif ! command -v sudo >/dev/null; then
        fail "installing ${packages[*]} needs root, and user $(id -un) has no sudo" \
            "as root: apt-get install --no-install-recommends ${packages[*]}"
    elif sudo -n true 2>/dev/null; then
        as_root=(sudo -n)
    elif [[ -t 0 ]]; then
        as_root=(sudo)
    else
        fail "installing ${packages[*]} needs root, and sudo asks for a password, which nobody can type here" \
            "in a terminal: sudo apt-get install --no-install-recommends ${packages[*]}"
    fi
}

as_root_noninteractive() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "$@"; }

system_name() { sed -n 's/^PRETTY_NAME="\(.*\)"$/\1/p' /etc/os-release 2>/dev/null || echo "unknown system"; }

apt_knows_all() {
    local package
    for package in "${packages[@]}"; do
        apt-cache show "$package" >/dev/null 2>&1 || return 1
    done
}

update_lists() {
    echo "install-dependencies: $1; running apt-get update" >&2
    as_root_noninteractive apt-get update -q >&2 || fail "apt-get update exited with status $?" \
        "check the network and the sources in /etc/apt, then run this again"
}

apt_install() { as_root_noninteractive apt-get install -q -y --no-install-recommends "${packages[@]}" </dev/null >&2; }

install_packages() {
    local package
    command -v apt-get >/dev/null ||
        fail "missing: ${packages[*]} (Debian's names), and there is no apt-get to install them" \
            "install what your system calls these packages, with headers and static libraries, then run this again"
    find_root
    local updated=no
    if ! apt_knows_all; then
        update_lists "apt's lists do not know every package"
        updated=yes
        find_missing
    fi
    for package in "${packages[@]}"; do
        apt-cache show "$package" >/dev/null 2>&1 ||
            fail "apt knows no package $package on this system ($(system_name))" \
                "enable the component main (Debian) or universe (Ubuntu) in /etc/apt, then run this again"
    done
    if ! apt_install; then
        # Lists older than the mirror name files that are gone.
        [[ $updated == yes ]] || update_lists "the installation failed, perhaps with outdated lists"
        apt_install || fail "apt-get install ${packages[*]} exited with status $?" \
            "read apt-get's messages above; by hand: apt-get install --no-install-recommends ${packages[*]}"
    fi
}

check_swift
find_missing
if [[ ${#packages[@]} == 0 ]]; then exit 0; fi

echo "install-dependencies: missing for '$purpose':" >&2
for index in "${!packages[@]}"; do
    printf '  %-24s %s\n' "${packages[index]}" "${reasons[index]}" >&2
done
if [[ $dry_run == yes ]]; then
    echo "  try: scripts/install-dependencies.sh --$purpose" >&2
    exit 1
fi

install_packages
installed=("${packages[@]}")
find_missing
if [[ ${#packages[@]} != 0 ]]; then
    fail "installed ${installed[*]}, and still missing: ${packages[*]}" \
        "this system's packages differ from Debian 12's; install by hand what was said to be missing"
fi
echo "install-dependencies: installed ${installed[*]}" >&2
