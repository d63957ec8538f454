#!/bin/sh
# What cppcheck has to say of the product's code: nothing.
#   cppcheck.sh CPPCHECK TOP
cd "$2" || exit 2
"$1" --quiet --enable=warning,performance,portability --inline-suppr --std=c11 -Iinclude -j2 \
	'-DcJSON_ArrayForEach(e,a)=for(e=(a)->child;e;e=e->next)' --error-exitcode=1 src screens
