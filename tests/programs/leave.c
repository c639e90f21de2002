/* Uses Kiln's pool, then ends in the way that the argument names, with status 42. */
#include <kiln/kiln.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tensor.h"

static float memory[400000];

static int use(void) {
  int64_t shape[] = {sizeof memory / sizeof memory[0]};
  DLTensor both = tensor(memory, 1, shape);
  kiln_context *context;
  kiln_status status;
  if (kiln_context_create(&context) != KILN_STATUS_OK) return 0;
  kiln_context_set_num_threads(context, 4);
  memset(memory, 0, sizeof memory);
  status = kiln_sigmoid(context, &both, &both);
  kiln_context_destroy(context);
  return status == KILN_STATUS_OK && memory[0] == 0.5f && memory[399999] == 0.5f;
}

/* Late calls work, before and after Kiln's own destructor has run; a failure shows in the exit status. */
static int use_late = 0;
static void use_in_atexit(void) {
  if (!use()) _exit(3);
}
__attribute__((destructor(101))) static void use_in_last_destructor(void) {
  if (use_late && !use()) _exit(4);
}

static void *exit_from_here(void *unused) {
  (void)unused;
  if (!use()) _exit(5);
  exit(42);
}

static void *use_for_ever(void *unused) {
  (void)unused;
  for (;;)
    if (!use()) _exit(6);
  return NULL;
}

int main(int argc, char **argv) {
  const char *how = argc > 1 ? argv[1] : "";
  pthread_t thread;
  if (!use()) return 1;
  if (strcmp(how, "return") == 0) return 42;
  if (strcmp(how, "exit") == 0) exit(42);
  if (strcmp(how, "_exit") == 0) _exit(42);
  if (strcmp(how, "quick_exit") == 0) quick_exit(42);
  if (strcmp(how, "exit-from-thread") == 0 && pthread_create(&thread, NULL, exit_from_here, NULL) == 0)
    pthread_join(thread, NULL);
  if (strcmp(how, "atexit") == 0) {
    atexit(use_in_atexit);
    return 42;
  }
  if (strcmp(how, "after-destructor") == 0) {
    use_late = 1;
    return 42;
  }
  /* The memory of the call that is under way belongs to the process and stays. */
  if (strcmp(how, "return-during-a-call") == 0 && pthread_create(&thread, NULL, use_for_ever, NULL) == 0) {
    usleep(20000);
    return 42;
  }
  return 2;
}
