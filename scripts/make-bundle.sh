#!/usr/bin/env bash
# Builds dist/qp-gpu-VERSION-linux-ARCH.tar.gz, to run on another Linux with only a Vulkan loader and a driver.
#
# usage: scripts/make-bundle.sh VERSION
#
# Swift's and C++'s run-time libraries, glslang and SPIRV-Tools are linked in. The program is then checked: it may need
# glibc up to 2.35, libm, libgcc_s and the Vulkan loader, and it has to start from an unpacked archive in a
# foreign folder. Anything else fails the build, and leaves no archive.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly glibc_limit=2.35
# libdl, libpthread and librt are part of glibc, and stubs since 2.34.
readonly allowed_libraries='^(libc|libm|libdl|libpthread|librt|libgcc_s|libvulkan|ld-linux-[a-z0-9_-]+)\.so\.[0-9]+$'

fail() {
    printf 'make-bundle: error: %s\n' "$1" >&2
    shift
    if (($#)); then printf '  try: %s\n' "$@" >&2; fi
    exit 1
}

if [[ $# != 1 || ! $1 =~ ^[0-9]+\.[0-9]+\.[0-9]+([.+-][0-9A-Za-z.+-]+)?$ ]]; then
    echo "usage: scripts/make-bundle.sh VERSION (as 0.1.0; got: ${*:-nothing})" >&2
    exit 2
fi
version=$1
machine=$(uname -m)
[[ $(uname -s) == Linux ]] || fail "bundles are made on Linux, and this is $(uname -s)"
command -v readelf >/dev/null || fail "readelf is needed to check what the program links" "apt-get install binutils"

name=qp-gpu-$version-linux-$machine
scratch=.build/bundle
archive=dist/$name.tar.gz
rm -f "$archive" "$archive.sha256"

# ---- Build -----------------------------------------------------------------------------------------------------

toolchain=$(swiftc -print-target-info | sed -n 's|.*"runtimeResourcePath": "\(.*\)/lib/swift".*|\1|p')
[[ -x $toolchain/bin/clang ]] || fail "swiftc -print-target-info names no toolchain with a clang (got: '$toolchain')"

# The module maps ask for -lstdc++, which finds the shared library first and makes -static-libstdc++ void. A folder
# that holds nothing but the archive, searched before the compiler's own, turns the same request into a static one.
support=$PWD/$scratch/support
rm -rf "$support"
mkdir -p "$support"
libstdcxx=$("$toolchain/bin/clang++" -print-file-name=libstdc++.a)
[[ -f $libstdcxx ]] || fail "there is no libstdc++.a beside the C++ library (looked for: $libstdcxx)" \
    "scripts/install-dependencies.sh --build"
ln -s "$(realpath "$libstdcxx")" "$support/libstdc++.a"
"$toolchain/bin/clang" -O2 -c scripts/bundle/arc4random.c -o "$support/arc4random.o"

options=(
    -c release --product qp-gpu --static-swift-stdlib --scratch-path "$scratch"
    --explicit-target-dependency-import-check error
    -Xlinker "-L$support" -Xlinker "$support/arc4random.o" -Xlinker -s
)
swift build "${options[@]}"
binaries=$(swift build "${options[@]}" --show-bin-path)
program=$binaries/qp-gpu

# ---- Check -----------------------------------------------------------------------------------------------------

needed=$(readelf -d "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
foreign=$(grep -Ev "$allowed_libraries" <<<"$needed" || true)
[[ -z $foreign ]] || fail "the program needs libraries that another machine may lack: ${foreign//$'\n'/ }" \
    "find the target that links them; a library that has a static archive can be put in $scratch/support"

glibc=$(readelf -V "$program" | grep -o 'GLIBC_[0-9.]*' | sed 's/GLIBC_//' | sort -Vu | tail -n 1)
if [[ $(printf '%s\n' "$glibc" "$glibc_limit" | sort -V | tail -n 1) != "$glibc_limit" ]]; then
    symbols=$(readelf -W --dyn-syms "$program" | grep -o "[^ ]*@GLIBC_${glibc//./\\.}" | sort -u | tr '\n' ' ')
    fail "the program needs glibc $glibc, more than $glibc_limit, for ${symbols:-an unknown symbol}" \
        "build on Debian 12, or another system whose glibc is no newer than 2.36" "or define that symbol as scripts/bundle/arc4random.c does"
fi

beside=$(find "$binaries" -maxdepth 1 -name '*.resources' -o -maxdepth 1 -name '*.bundle')
beside=$(grep '/qp-gpu_' <<<"$beside" || true)
[[ -z $beside ]] || fail "the program would look for files beside it: ${beside//$'\n'/ }" \
    "embed the resource (.embedInCode in Package.swift)"

# ---- Pack ------------------------------------------------------------------------------------------------------

staging=$(mktemp -d)
trap 'rm -rf "$staging"' EXIT
mkdir -p "$staging/$name/licenses" dist
cp "$program" LICENSE NOTICE "$staging/$name/"
sed -e "s/@VERSION@/$version/" -e "s/@MACHINE@/$machine/" -e "s/@GLIBC@/$glibc_limit/" scripts/bundle/README.md \
    >"$staging/$name/README.md"
if [[ -d Profiles ]]; then cp -r Profiles "$staging/$name/"; fi

# copy_license NAME FILE...: the first file that exists.
copy_license() {
    local as=$1 file
    shift
    for file in "$@"; do
        if [[ -f $file ]]; then
            cp "$file" "$staging/$name/licenses/$as.txt"
            return
        fi
    done
    fail "no licence text found for $as (looked for: $*)"
}
copy_license swift "$toolchain/share/swift/LICENSE.txt"
copy_license glslang /usr/share/doc/glslang-dev/copyright
copy_license spirv-tools /usr/share/doc/spirv-tools/copyright
gcc_version=$(basename "$(dirname "$(realpath "$libstdcxx")")")
copy_license libstdc++ "/usr/share/doc/libstdc++-$gcc_version-dev/copyright" \
    "/usr/share/doc/gcc-$gcc_version-base/copyright"
for checkout in "$scratch"/checkouts/*/; do
    copy_license "$(basename "$checkout")" "${checkout}LICENSE.txt" "${checkout}LICENSE" "${checkout}LICENSE.md"
done

# The same commit gives the same archive around the same program.
moment=$(git log -1 --format=%ct 2>/dev/null || echo 0)
tar --create --directory "$staging" --sort=name --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX \
    --mtime="@$moment" "$name" | gzip -n -9 >"$staging/$name.tar.gz"

mkdir "$staging/unpacked"
tar -xzf "$staging/$name.tar.gz" -C "$staging/unpacked"
(cd / && env -i "$staging/unpacked/$name/qp-gpu" --version </dev/null >"$staging/said" 2>&1) ||
    fail "the unpacked program does not start; it said: $(head -n 3 "$staging/said")"
if [[ -f Sources/QPCore/Version.swift ]]; then
    grep -qF "$version" "$staging/said" || fail "qp-gpu --version says '$(head -n 1 "$staging/said")', not $version"
fi

mv "$staging/$name.tar.gz" "$archive"
(cd dist && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256")
human_size() { stat -c %s "$1" | numfmt --to=iec; }
echo "make-bundle: $archive, $(human_size "$archive") (program: $(human_size "$program"))"
echo "make-bundle: it needs glibc $glibc and ${needed//$'\n'/ }"
