/* tanh and layer_norm of float16 in an app that links their kernels (LINKS_FLOAT16), and the errors in one that does not. */
#include <kiln/kiln.h>
#include <stdio.h>
#include <string.h>

static const uint16_t before = 7;

/* Whether a call gave what is expected of this app: the words, or an error that names `link`. */
static int right(kiln_status status, const uint16_t *y, const uint16_t *words, const char *link) {
#ifdef LINKS_FLOAT16
  const kiln_status expected = KILN_STATUS_OK;
  link = "";
#else
  const kiln_status expected = KILN_STATUS_UNSUPPORTED;
#endif
  for (int i = 0; i < 3; ++i) {
    const uint16_t word = expected == KILN_STATUS_OK ? words[i] : before;
    if (status == expected && y[i] == word && (!status || strstr(kiln_last_error(), link))) continue;
    printf("expected status %d and 0x%04x, got %d and 0x%04x: %s\n", expected, word, status, y[i], kiln_last_error());
    return 0;
  }
  return 1;
}

int main(void) {
  uint16_t x[] = {0x3c00, 0x4000, 0x4200}; /* 1, 2, 3 */
  uint16_t tanh_of_x[] = {before, before, before}, layer_norm_of_x[] = {before, before, before};
  const uint16_t tanh_words[] = {0x3a18, 0x3bb6, 0x3bf6};       /* 0.76159, 0.96403, 0.99505 */
  const uint16_t layer_norm_words[] = {0xbce6, 0x0000, 0x3ce6}; /* -1.22474, 0, 1.22474 */
  int64_t shape = 3;
  DLTensor input = {x, {kDLCPU, 0}, 1, {kDLFloat, 16, 1}, &shape, NULL, 0}, output = input;
#ifdef LINKS_FLOAT16
  kiln_link_tanh_float16();
  kiln_link_layer_norm_float16();
#endif
  output.data = tanh_of_x;
  if (!right(kiln_tanh(NULL, &input, &output), tanh_of_x, tanh_words, "kiln_link_tanh_float16()")) return 1;
  output.data = layer_norm_of_x;
  const kiln_status status = kiln_layer_norm(NULL, &input, &shape, 1, NULL, NULL, 1e-5, &output);
  return right(status, layer_norm_of_x, layer_norm_words, "kiln_link_layer_norm_float16()") ? 0 : 1;
}
