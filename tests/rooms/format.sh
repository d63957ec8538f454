#!/bin/sh
# Says which files .clang-format would lay out otherwise.
#   format.sh CLANG_FORMAT TOP
cd "$2" || exit 2
find src screens include tests -name '*.[ch]' -exec "$1" --style=file --dry-run -Werror {} +
