/*
 * What a guest does over vsock in tests and benchmarks. It is compiled on the host and copied into the guest.
 *
 *   vsock-load COMMAND CID PORT N
 *
 *   send     connects, sends N bytes, and reads one, which says that all have arrived
 *   receive  connects, reads N bytes, and sends one
 *   turn     N times: connects, sends a byte, reads it back, closes
 *   once     opens N connections, then sends a byte on each and reads it back, then closes them all
 *
 * With "-" for a CID, send and receive wait for a peer to connect instead. Prints one line, "bytes B crc C ns T" or
 * "connections N ns T", and ends with 0; or what failed and its errno's name, and ends with 1. The CRC is CRC-32C.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <linux/vm_sockets.h>

#define BUFFER (256 * 1024)

static unsigned char buffer[BUFFER];

static void fail(const char *what)
{
    printf("%s: %s\n", what, strerrorname_np(errno));
    exit(1);
}

static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000ull + time.tv_nsec;
}

__attribute__((target("sse4.2")))
static uint64_t crc32c(uint64_t crc, const unsigned char *data, size_t length)
{
    for (; length >= 8; data += 8, length -= 8) {
        uint64_t word;
        memcpy(&word, data, 8);
        crc = __builtin_ia32_crc32di(crc, word);
    }
    for (; length > 0; data++, length--)
        crc = __builtin_ia32_crc32qi(crc, *data);
    return crc;
}

/* Never the same twice, so that a piece that is lost, doubled or moved is found. */
static void fill(uint64_t *state)
{
    for (size_t at = 0; at < BUFFER; at += 8) {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        memcpy(buffer + at, state, 8);
    }
}

static int vsock(void)
{
    int fd = socket(AF_VSOCK, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");
    return fd;
}

static struct sockaddr_vm address(unsigned cid, unsigned port)
{
    return (struct sockaddr_vm){.svm_family = AF_VSOCK, .svm_cid = cid, .svm_port = port};
}

static int dial(const char *cid, const char *port)
{
    struct sockaddr_vm peer = address(strtoul(cid, NULL, 0), strtoul(port, NULL, 0));
    int fd = vsock();
    if (connect(fd, (struct sockaddr *)&peer, sizeof peer) < 0)
        fail("connect");
    return fd;
}

static int wait_for_peer(const char *port)
{
    struct sockaddr_vm own = address(VMADDR_CID_ANY, strtoul(port, NULL, 0));
    int listener = vsock();
    if (bind(listener, (struct sockaddr *)&own, sizeof own) < 0 || listen(listener, 8) < 0)
        fail("listen");
    int fd = accept(listener, NULL, NULL);
    if (fd < 0)
        fail("accept");
    return fd;
}

static int join(const char *cid, const char *port)
{
    return strcmp(cid, "-") == 0 ? wait_for_peer(port) : dial(cid, port);
}

static void report(uint64_t bytes, uint64_t crc, uint64_t start)
{
    printf("bytes %llu crc %08x ns %llu\n", (unsigned long long)bytes, ~(uint32_t)crc,
           (unsigned long long)(now() - start));
}

static size_t read_some(int fd, size_t most)
{
    ssize_t length = read(fd, buffer, most);
    if (length < 0)
        fail("read");
    if (length == 0) {
        printf("end of stream\n");
        exit(1);
    }
    return length;
}

static void send_all(int fd, uint64_t bytes)
{
    uint64_t crc = 0xffffffff, state = 88172645463325252ull, start = now();
    for (uint64_t left = bytes; left > 0;) {
        size_t length = left < BUFFER ? left : BUFFER;
        fill(&state);
        crc = crc32c(crc, buffer, length);
        for (size_t at = 0; at < length;) {
            ssize_t written = write(fd, buffer + at, length - at);
            if (written < 0)
                fail("write");
            at += written;
        }
        left -= length;
    }
    read_some(fd, 1);
    report(bytes, crc, start);
}

static void receive_all(int fd, uint64_t bytes)
{
    uint64_t crc = 0xffffffff, start = now();
    for (uint64_t left = bytes; left > 0;) {
        size_t length = read_some(fd, left < BUFFER ? left : BUFFER);
        crc = crc32c(crc, buffer, length);
        left -= length;
    }
    if (write(fd, buffer, 1) != 1)
        fail("write");
    report(bytes, crc, start);
}

static void echo(int fd, unsigned char byte)
{
    if (write(fd, &byte, 1) != 1)
        fail("write");
    read_some(fd, 1);
    if (buffer[0] != byte) {
        printf("another byte\n");
        exit(1);
    }
}

static void turns(const char *cid, const char *port, unsigned count)
{
    uint64_t start = now();
    for (unsigned i = 0; i < count; i++) {
        int fd = dial(cid, port);
        echo(fd, i);
        close(fd);
    }
    printf("connections %u ns %llu\n", count, (unsigned long long)(now() - start));
}

static void at_once(const char *cid, const char *port, unsigned count)
{
    struct rlimit files = {count + 16, count + 16};
    int *fds = calloc(count, sizeof *fds);
    uint64_t start = now();
    if (fds == NULL || setrlimit(RLIMIT_NOFILE, &files) < 0)
        fail("limit");
    for (unsigned i = 0; i < count; i++)
        fds[i] = dial(cid, port);
    for (unsigned i = 0; i < count; i++)
        echo(fds[i], i);
    for (unsigned i = 0; i < count; i++)
        close(fds[i]);
    printf("connections %u ns %llu\n", count, (unsigned long long)(now() - start));
}

int main(int count, char **words)
{
    signal(SIGPIPE, SIG_IGN);
    if (count == 5 && strcmp(words[1], "receive") == 0)
        receive_all(join(words[2], words[3]), strtoull(words[4], NULL, 0));
    else if (count == 5 && strcmp(words[1], "send") == 0)
        send_all(join(words[2], words[3]), strtoull(words[4], NULL, 0));
    else if (count == 5 && strcmp(words[1], "turn") == 0)
        turns(words[2], words[3], strtoul(words[4], NULL, 0));
    else if (count == 5 && strcmp(words[1], "once") == 0)
        at_once(words[2], words[3], strtoul(words[4], NULL, 0));
    else {
        printf("usage: vsock-load send|receive|turn|once CID PORT N\n");
        return 2;
    }
    return 0;
}
