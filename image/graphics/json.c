/* Writes text as JSON has it: see json.h. For every file that answers. */
#include "json.h"

#include <stdint.h>

/* How many bytes the UTF-8 character there has; 0 where there is none. */
static int utf8_bytes(const uint8_t *at) {
  const int bytes = at[0] < 0x80 ? 1 : (at[0] & 0xe0) == 0xc0 ? 2 : (at[0] & 0xf0) == 0xe0 ? 3 : (at[0] & 0xf8) == 0xf0 ? 4 : 0;
  for (int i = 1; i < bytes; i++)
    if ((at[i] & 0xc0) != 0x80) return 0;
  return bytes;
}

void json_text(FILE *out, const char *text) {
  if (text == NULL) {
    fputs("null", out);
    return;
  }
  fputc('"', out);
  for (const uint8_t *at = (const uint8_t *)text; *at != 0;) {
    const int bytes = utf8_bytes(at);
    if (bytes == 0) {
      fputc('?', out);
      at++;
    } else if (*at < 0x20 || *at == 0x7f) {
      fprintf(out, "\\u%04x", *at++);
    } else if (*at == '"' || *at == '\\') {
      fprintf(out, "\\%c", *at++);
    } else {
      fwrite(at, 1, (size_t)bytes, out);
      at += bytes;
    }
  }
  fputc('"', out);
}
