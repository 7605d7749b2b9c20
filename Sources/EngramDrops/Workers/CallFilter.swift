internal import CEngramSystem

/// The system calls that a worker is left without; the list stands in `call_filter.c`, and Documentation/Security.md has it as a table.
package enum CallFilter {
    /// A call that is always denied.
    package struct DeniedCall: Equatable, Sendable {
        /// What it is denied with, for people.
        package let group: String
        /// Its name.
        package let name: String
        /// Its number on this processor.
        package let number: Int
    }

    /// A call that is judged by its arguments.
    package struct Attempt: Sendable {
        /// What it does, in one word.
        package let name: String
        /// What the filter answers; 0 where it lets the call pass.
        package let error: Int32
        fileprivate let number: Int
        fileprivate let arguments: [Int]

        /// Makes the call and returns its error number, 0 for none. Only behind the filter: some attempts do harm without it.
        package func make() -> Int32 { CallFilter.error(ofCall: number, arguments: arguments) }
    }

    /// All denied calls, group by group.
    package static var denied: [DeniedCall] {
        var calls: [DeniedCall] = []
        var entry = engram_denied_call_entry()
        while engram_denied_call(Int32(calls.count), &entry) == 1 {
            calls.append(
                DeniedCall(group: String(cString: entry.group), name: String(cString: entry.name), number: Int(entry.number)))
        }
        return calls
    }

    /// The calls that are judged by their arguments, as they are denied and as they are needed.
    package static var attempts: [Attempt] {
        var attempts: [Attempt] = []
        var call = engram_call_attempt()
        while engram_call_attempt_at(Int32(attempts.count), &call) == 1 {
            let name = String(cString: call.name).split(separator: " ").joined(separator: "-")
            let a = call.arguments
            attempts.append(Attempt(name: name, error: call.error, number: call.number, arguments: [a.0, a.1, a.2, a.3, a.4, a.5]))
        }
        return attempts
    }

    /// Makes the system call `number`; returns its error number, 0 for none.
    /// - Parameter arguments: Up to six; those that are missing are 0.
    package static func error(ofCall number: Int, arguments: [Int] = []) -> Int32 {
        var all = [Int](repeating: 0, count: 6)
        for (index, argument) in arguments.prefix(6).enumerated() { all[index] = argument }
        return engram_error_of_call(number, all)
    }

    /// Makes one of the denied calls.
    package static func error(ofCallNamed name: String, arguments: [Int]) -> Int32 {
        guard let call = denied.first(where: { $0.name == name }) else { preconditionFailure("The filter denies no call \(name).") }
        return error(ofCall: call.number, arguments: arguments)
    }

    /// Takes the calls from every thread of the process, for good.
    /// - Throws: `DropError.system`.
    package static func enter() throws(DropError) {
        guard engram_call_filter_apply() == 0 else { throw .fromErrno("filtering the system calls of", "the worker") }
    }

    /// The table in Documentation/Security.md, a line for each group.
    package static var table: String {
        var groups: [(name: String, calls: [String])] = []
        for call in denied {
            if groups.last?.name != call.group { groups.append((call.group, [])) }
            groups[groups.count - 1].calls.append(call.name)
        }
        let lines = groups.map { "| \($0.name) | \($0.calls.map { "`\($0)`" }.joined(separator: ", ")) |" }
        return (["| denied with EPERM | calls |", "|---|---|"] + lines).joined(separator: "\n")
    }
}
