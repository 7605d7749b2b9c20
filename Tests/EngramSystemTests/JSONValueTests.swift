import EngramSystem
import Testing

@Suite struct JSONValueTests {
    @Test(arguments: ["", "plain", "a\"b\\c", "line\nbreak\ttab", "\u{1}\u{7f}", "é e\u{301} 😀", "-dash", "../up"])
    func everyStringComesBackWithTheSameBytes(text: String) throws {
        let value = JSONValue.object([.init(text, .array([.string(text), .integer(-7), .bool(true), .null, .number(0.5)]))])
        let back = try JSONValue.parse(value.encoded())
        #expect(back == value)
        #expect(
            Array((back[text].map { "\($0)" } ?? "").utf8)
                == Array("\(JSONValue.array([.string(text), .integer(-7), .bool(true), .null, .number(0.5)]))".utf8))
    }

    @Test func escapesAreThoseOfTheStandard() throws {
        let parsed = try JSONValue.parse(Array(#""\u00e9\ud83d\ude00\/\b\f\n\r\t\"\\""#.utf8))
        #expect(parsed.string == "é😀/\u{8}\u{c}\n\r\t\"\\")
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\":}", "{\"a\" 1}", "{a:1}", "\"open", "nul", "+1", "nan", "1 2", "\"\\x\"", "\"\\u12\"", "[1", "\"\u{1}\"",
        "0x10",
    ])
    func whatIsNotJSONIsRefusedWithItsPlace(text: String) {
        #expect(throws: JSONSyntaxError.self) { try JSONValue.parse(Array(text.utf8)) }
    }

    @Test func aTextThatIsNotUTF8IsRefused() {
        #expect(throws: JSONSyntaxError.self) { try JSONValue.parse([0x22, 0xff, 0x22]) }
    }

    @Test func deepNestingIsRefusedBeforeItExhaustsTheStack() {
        let error = #expect(throws: JSONSyntaxError.self) { try JSONValue.parse(Array(repeating: UInt8(ascii: "["), count: 1_000_000)) }
        #expect(error?.byteOffset == 64)
        #expect(error?.expected == "at most 64 levels")
    }
}
