import Glibc
import Testing

@testable import engram

/// Real signals to this process, which are caught while they are listened for. One test, since signals are for the whole process.
@Suite(.serialized, .timeLimit(.minutes(1))) struct InterruptionTests {
    @Test func hangUpReloadsAndTheOthersAskForTheEnd() async {
        let (heard, continuation) = AsyncStream<String>.makeStream()
        let interruption = Interruption()
        let listening = await interruption.listen(reload: { continuation.yield("reload") }) { count in continuation.yield("end \(count)") }
        var iterator = heard.makeAsyncIterator()
        kill(getpid(), SIGHUP)
        #expect(await iterator.next() == "reload")
        #expect(!interruption.isRequested)
        kill(getpid(), SIGTERM)
        #expect(await iterator.next() == "end 1")
        #expect(interruption.signal == SIGTERM)
        kill(getpid(), SIGHUP)
        #expect(await iterator.next() == "reload")
        kill(getpid(), SIGTERM)
        #expect(await iterator.next() == "end 2")
        listening.cancel()

        // Without a reload, as for `engram process`, SIGHUP asks for the end.
        let plain = Interruption()
        let second = await plain.listen { count in continuation.yield("plain \(count)") }
        kill(getpid(), SIGHUP)
        #expect(await iterator.next() == "plain 1")
        #expect(plain.signal == SIGHUP)
        second.cancel()
    }
}
