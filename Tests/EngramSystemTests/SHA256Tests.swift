import EngramSystem
import Testing

@Suite struct SHA256Tests {
    /// NIST FIPS 180-2 appendix B and the CAVP short messages.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        ),
    ])
    func hashIsThatOfTheStandard(message: String, expected: String) {
        #expect(SHA256.hash(message.utf8) == expected)
    }

    @Test func aMillionTimesTheLetterAIsThatOfTheStandard() {
        var hash = SHA256()
        // 999 is no divisor of 64, so every alignment of the rest is met.
        for _ in 0..<1001 { hash.update(Array(repeating: UInt8(ascii: "a"), count: 999)) }
        hash.update([UInt8(ascii: "a")])
        #expect(hash.finalized() == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test(arguments: [0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 128, 200])
    func theHashDoesNotDependOnWhereTheMessageIsCut(count: Int) {
        let message = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        for cut in 0...count {
            var hash = SHA256()
            hash.update(message.prefix(cut))
            hash.update(message.dropFirst(cut))
            #expect(hash.finalized() == SHA256.hash(message), "cut at \(cut) of \(count)")
        }
    }
}
