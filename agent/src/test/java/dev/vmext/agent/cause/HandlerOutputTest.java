package dev.vmext.agent.cause;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.protocol.status.CauseClass;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lines as the programs print them (apt 2.6, dpkg 1.21, dnf 4, curl 7.88, wget 1.21, Python 3.11, dash, bash, systemd 252). */
class HandlerOutputTest {
    @ParameterizedTest(name = "{0} -> {1} {2}={3}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 1234 (apt-get) | LOCK | pid | 1234",
                "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 1234 (apt-get) | LOCK | holder | apt-get",
                "Waiting for cache lock: Could not get lock /var/lib/apt/lists/lock. It is held by process 77 (unattended-upgr)... 3s | LOCK | path | /var/lib/apt/lists/lock",
                "E: Could not get lock /var/lib/dpkg/lock - open (11: Resource temporarily unavailable) | LOCK | path | /var/lib/dpkg/lock",
                "dpkg: error: dpkg frontend lock was locked by another process with pid 99 | LOCK | pid | 99",
                "E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it? | LOCK | path | /var/lib/dpkg/lock-frontend",
                "Existing lock /var/run/yum.pid: another copy is running as pid 4321. | LOCK | pid | 4321",
                "Waiting for process with pid 815 to finish. | LOCK | pid | 815",
                "error: can't create transaction lock on /var/lib/rpm/.rpm.lock (Resource temporarily unavailable) | LOCK | path | /var/lib/rpm/.rpm.lock",
                "/bin/sh: 3: cannot create /usr/bin/tool: Text file busy | LOCK | errno | ETXTBSY",
                "cp: error writing '/var/lib/x/data': No space left on device | DISK | path | /var/lib/x/data",
                "dash: 1: cannot create /mnt/tiny/file: No space left on device | DISK | path | /mnt/tiny/file",
                "OSError: [Errno 28] No space left on device: '/opt/x/y' | DISK | path | /opt/x/y",
                "tar: write error: No space left on device | DISK | errno | ENOSPC",
                "E: You don't have enough free space in /var/cache/apt/archives/. | DISK | path | /var/cache/apt/archives/",
                "touch: cannot touch '/etc/x': Read-only file system | DISK | errno | EROFS",
                "MemoryError | MEMORY | errno | ENOMEM",
                "Exception in thread \"main\" java.lang.OutOfMemoryError: Java heap space | MEMORY | errno | ENOMEM",
                "bash: fork: Cannot allocate memory | MEMORY | errno | ENOMEM",
                "/bin/sh: 7: Cannot fork | MEMORY | errno | EAGAIN",
                "bash: fork: retry: Resource temporarily unavailable | MEMORY | errno | EAGAIN",
                "RuntimeError: can't start new thread | MEMORY | errno | EAGAIN",
                "OSError: [Errno 24] Too many open files: '/tmp/x' | MEMORY | errno | EMFILE",
                "  Temporary failure resolving 'deb.debian.org' | DNS | host | deb.debian.org",
                "curl: (6) Could not resolve host: repo.example.com | DNS | host | repo.example.com",
                "wget: unable to resolve host address 'repo.example.com' | DNS | host | repo.example.com",
                "Get \"https://x.example/\": dial tcp: lookup x.example on 127.0.0.53:53: no such host | DNS | host | x.example",
                "socket.gaierror: [Errno -2] Name or service not known | DNS | |",
                "ping: nowhere.example.com: Temporary failure in name resolution | DNS | host | nowhere.example.com",
                "curl: (7) Failed to connect to 192.0.2.7 port 443 after 12 ms: Couldn't connect to server | NETWORK | port | 443",
                "Could not connect to deb.example.com:80 (192.0.2.1), connection timed out | NETWORK | host | deb.example.com",
                "curl: (60) SSL certificate problem: unable to get local issuer certificate | NETWORK | protocol | TLS",
                "ConnectionRefusedError: [Errno 111] Connection refused | NETWORK | |",
                "curl: (22) The requested URL returned error: 404 | NETWORK | status | 404",
                "E: Failed to fetch http://deb.example.com/x.deb  404  Not Found [IP: 192.0.2.1 80] | NETWORK | url | http://deb.example.com/x.deb",
                "W: GPG error: http://r.example stable InRelease: The following signatures couldn't be verified because the public key is not available: NO_PUBKEY 871920D1991BC93C | SIGNATURE | key | 871920D1991BC93C",
                "E: Unable to locate package clamav-daemon | DEPENDENCY | package | clamav-daemon",
                "E: Package 'foo' has no installation candidate | DEPENDENCY | package | foo",
                "Error: Unable to find a match: foo | DEPENDENCY | package | foo",
                "No match for argument: foo | DEPENDENCY | package | foo",
                "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem. | PLATFORM | program | dpkg",
                "ModuleNotFoundError: No module named 'distro' | DEPENDENCY | module | distro",
                "ImportError: No module named yaml | DEPENDENCY | module | yaml",
                "./tool: error while loading shared libraries: libssl.so.1.1: cannot open shared object file: No such file or directory | DEPENDENCY | library | libssl.so.1.1",
                "./tool: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by ./tool) | PLATFORM | symbol | GLIBC_2.38",
                "/usr/bin/env: 'python': No such file or directory | DEPENDENCY | program | python",
                "/bin/sh: 1: jq: not found | DEPENDENCY | program | jq",
                "bin/handler.sh: line 12: systemctl: command not found | DEPENDENCY | program | systemctl",
                "Failed to restart foo.service: Unit foo.service not found. | DEPENDENCY | unit | foo.service",
                "System has not been booted with systemd as init system (PID 1). Can't operate. | PLATFORM | program | systemd",
                "/bin/sh: 1: /opt/tool: Exec format error | PLATFORM | errno | ENOEXEC",
                "OSError: [Errno 98] Address already in use | CONFLICT | errno | EADDRINUSE",
                "listen tcp 0.0.0.0:9100: bind: Address already in use | CONFLICT | port | 9100",
                "cat: /etc/shadow: Permission denied | PERMISSION | path | /etc/shadow",
                "cp: cannot create regular file '/etc/foo/bar': Permission denied | PERMISSION | path | /etc/foo/bar",
                "PermissionError: [Errno 13] Permission denied: '/etc/x' | PERMISSION | path | /etc/x",
                "chattr: Operation not permitted while setting flags | PERMISSION | errno | EPERM",
                "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0) | SETTINGS | |",
                "Job for foo.service failed because the control process exited with error code. | HANDLER_EXIT | unit | foo.service",
                "dpkg: error processing package foo (--configure): | HANDLER_EXIT | package | foo",
                "Segmentation fault (core dumped) | HANDLER_CRASH | signal | SIGSEGV",
                "*** reboot required *** | REBOOT_PENDING | |",
            })
    void recognisesALine(String line, CauseClass kind, String evidence, String value) {
        Reason reason = HandlerOutput.explain("doing things\n" + line + "\n").orElseThrow();
        assertThat(reason.kind()).isEqualTo(kind);
        assertThat(reason.hint()).isNotBlank().doesNotContain("{");
        if (evidence != null) {
            assertThat(reason.evidence()).containsEntry(evidence, value);
        }
    }

    @Test
    void whatFollowsFromACauseIsNotTheCause() {
        Reason reason = HandlerOutput.explain("""
                Err:1 http://deb.example.com/debian bookworm InRelease
                  Temporary failure resolving 'deb.example.com'
                W: Some index files failed to download.
                Reading package lists...
                E: Unable to locate package clamav
                """).orElseThrow();
        assertThat(reason.kind()).isEqualTo(CauseClass.DNS);
        assertThat(reason.evidence()).containsEntry("host", "deb.example.com");
    }

    @Test
    void ofSeveralLinesAboutTheSameTheOneThatTellsMostIsKept() {
        Reason reason = HandlerOutput.explain("""
                E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 1234 (apt-get)
                N: Be aware that removing the lock file is not a solution and may break your system.
                E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?
                """).orElseThrow();
        assertThat(reason.evidence()).containsEntry("pid", "1234").containsEntry("holder", "apt-get");
        assertThat(reason.hint()).contains("apt-get").contains("1234");
    }

    @Test
    void saysNothingAboutOutputThatNobodyKnows() {
        assertThat(HandlerOutput.explain("installing\nall is lost, sorry\n")).isEmpty();
        assertThat(HandlerOutput.explain("")).isEmpty();
    }

    @Test
    void staysFastOnLongAndHostileLines() {
        String hostile = "/".repeat(200_000) + "\n" + "a: ".repeat(50_000) + "\n" + "(((".repeat(10_000);
        assertThat(HandlerOutput.explain(hostile)).isEmpty();
    }

    @Test
    void theLastWordsAreShortAndInOrder() {
        assertThat(HandlerOutput.lastWords("one\n\ntwo\nthree\nfour\n", 400)).isEqualTo("two | three | four");
        assertThat(HandlerOutput.lastWords("", 400)).isEmpty();
    }
}
