/* tanh of float16 in an app that links its kernels (LINKS_FLOAT16), and the error in one that does not. */
#include <kiln/kiln.h>
#include <stdio.h>
#include <string.h>

int main(void) {
  const uint16_t one = 0x3c00, tanh_of_one = 0x3a18; /* 0.76159 */
  uint16_t x[3], y[3] = {7, 7, 7};
  int64_t shape = 3;
  DLTensor input = {x, {kDLCPU, 0}, 1, {kDLFloat, 16, 1}, &shape, NULL, 0}, output = input;
  output.data = y;
  for (int i = 0; i < 3; ++i) x[i] = one;
#ifdef LINKS_FLOAT16
  kiln_link_tanh_float16();
  const kiln_status expected = KILN_STATUS_OK;
  const uint16_t result = tanh_of_one;
  const char *const text = "";
#else
  const kiln_status expected = KILN_STATUS_UNSUPPORTED;
  const uint16_t result = 7;
  const char *const text = "kiln_link_tanh_float16()";
  (void)tanh_of_one;
#endif
  const kiln_status status = kiln_tanh(NULL, &input, &output);
  for (int i = 0; i < 3; ++i)
    if (status != expected || y[i] != result || (status && !strstr(kiln_last_error(), text))) {
      printf("expected status %d and 0x%04x, got %d and 0x%04x: %s\n", expected, result, status, y[i], kiln_last_error());
      return 1;
    }
  return 0;
}
