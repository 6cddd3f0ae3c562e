/* SPDX-License-Identifier: ISC */
#ifndef COMPILER_H
#define COMPILER_H

#define must_check __attribute__((warn_unused_result))
#define printf_like(fmt, args) __attribute__((format(printf, fmt, args)))
#define no_return __attribute__((noreturn))

#define nitems(a) (sizeof(a) / sizeof((a)[0]))

#endif
