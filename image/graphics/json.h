/* Text in JSON, and nothing else: the objects themselves are written out where they are made. */
#pragma once

#include <stdio.h>

/* In quotes, with escapes, or null. Bytes that are no UTF-8 become "?". */
void json_text(FILE *out, const char *text);
