import ArgumentParser
import Foundation
import Testing

@testable import engram

@Suite struct RepeatCommandTextTests {
    /// A POSIX shell is the oracle: it must read every word back as it was.
    @Test(arguments: [
        "steamboat", "my film", "it's", "$(touch x)", "`id`", "a\"b", "*?[a]", "~", "#1", "a\nb", "", "'", "''", "-n", "=x", "größe", "a;b",
        "\\",
    ])
    func shellReadsTheWordBack(word: String) throws {
        let shell = Process()
        let output = Pipe()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", "printf '%s' \(RepeatCommandText.quoted(word))"]
        shell.standardOutput = output
        try shell.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        shell.waitUntilExit()
        #expect(String(decoding: bytes, as: UTF8.self) == word)
    }

    @Test func commandParsesToTheSameDrop() throws {
        #expect(
            RepeatCommandText.text(dropName: "my film", threadCount: 2)
                == "engram process 'my film' '--output=my film-again' --settings=settings.yml --threads=2")
        for name in ["steamboat", "-n", "--output"] {
            let words = RepeatCommandText.text(dropName: name, threadCount: 2).split(separator: " ").map(String.init)
            let command = try #require(Engram.parseAsRoot(Array(words.dropFirst())) as? ProcessCommand)
            #expect(FolderCreation.lastPart(of: command.path) == name)
            #expect(command.settings == "settings.yml" && command.threads == 2)
        }
    }
}
