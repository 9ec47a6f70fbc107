/*
 * Lets an older user-mode Linux run on processors whose extended state is larger than the buffer it has for it (AMX). The
 * host's kernel takes the whole state or none, so that PTRACE_SETREGSET fails with EFAULT and the guest panics at once.
 * Preloaded, this ptrace() reads the whole state, lays what the guest's kernel knows of it over that, and writes it back.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static char state[65536] __attribute__((aligned(64)));

static long call(long request, long pid, void *address, void *data) {
    return syscall(SYS_ptrace, request, pid, address, data);
}

long ptrace(enum __ptrace_request request, ...) {
    va_list arguments;
    va_start(arguments, request);
    long pid = va_arg(arguments, pid_t);
    void *address = va_arg(arguments, void *);
    void *data = va_arg(arguments, void *);
    va_end(arguments);

    if (request == PTRACE_SETREGSET && (long)address == NT_X86_XSTATE) {
        struct iovec *known = data;
        struct iovec whole = {state, sizeof state};
        if (call(PTRACE_GETREGSET, pid, address, &whole) == 0 && known->iov_len < whole.iov_len) {
            memcpy(state, known->iov_base, known->iov_len);
            return call(request, pid, address, &whole);
        }
    }
    if (request >= PTRACE_PEEKTEXT && request <= PTRACE_PEEKUSER) {
        long word; /* the system call stores the word, the library function returns it */
        long result = call(request, pid, address, &word);
        if (result == 0) errno = 0;
        return result < 0 ? result : word;
    }
    return call(request, pid, address, data);
}
