internal import EngramSystem

/// What a job runs: the worker, the way of signals to it, and the record of its end.
struct SlurmScript {
    /// The exit code of a job whose node does not see the state folder at its path.
    static let notSeenCode = 93
    /// The exit code of a job that found its attempt begun, or taken back.
    static let begunCode = 94
    /// The exit code of a job whose node does not have the program.
    static let noProgramCode = 95

    var attempt: SlurmAttempt
    /// The worker's result.
    var output: String
    var program: String
    var arguments: [String]
    /// Set for the worker over what `sbatch` passes on; nil: taken away.
    var environment: [String: String?]

    /// The script. POSIX sh, and from coreutils only what every node has.
    var text: String {
        let variables = environment.sorted { $0.key < $1.key }.map { name, value in
            value.map { "export \(name)=\(Self.quoted($0))" } ?? "unset \(name)"
        }
        let command = ([program] + arguments).map(Self.quoted).joined(separator: " ")
        return """
            #!/bin/sh
            # One attempt at one drop; Documentation/Cluster.md says how it is begun and ended.
            cd \(Self.quoted(attempt.root)) || exit \(Self.notSeenCode)
            [ -x \(Self.quoted(program)) ] || exit \(Self.noProgramCode)
            # Only one job works at an attempt, whatever was submitted twice; a daemon that takes it back puts a link there.
            mkdir begun || exit \(Self.begunCode)
            if [ -n "$SLURM_ARRAY_JOB_ID" ]; then number=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID; else number=$SLURM_JOB_ID; fi
            printf '%s\\n%s\\n%s\\n' "$number" "$(uname -n)" "$(date +%s)" > begun/job.tmp && mv begun/job.tmp begun/job
            umask 022
            asked= worker=
            trap 'asked=stop; [ -z "$worker" ] || kill -TERM "$worker"' TERM INT
            trap 'asked=time; [ -z "$worker" ] || kill -TERM "$worker"' USR1
            \(variables.joined(separator: "\n"))
            \(command) < /dev/null >> worker.out 2>> \(Self.quoted(attempt.work.log)) &
            worker=$!
            # Asked before there was a worker.
            [ -z "$asked" ] || kill -TERM "$worker"
            # A signal ends the waiting, not the worker.
            wait "$worker"; code=$?
            while kill -0 "$worker" 2> /dev/null; do wait "$worker"; code=$?; done
            # The record says that the result is whole, so the result comes first.
            find \(Self.quoted(output)) -type f -exec sync {} + 2> /dev/null
            files=$(find \(Self.quoted(output)) -type f | wc -l)
            printf '{"token":"%s","code":%d,"asked":"%s","files":%d}\\n' \(Self.quoted(attempt.token)) "$code" "$asked" "$files" > end.tmp
            sync end.tmp 2> /dev/null
            mv end.tmp end.json
            exit "$code"

            """
    }

    /// The script of an array: each of its jobs becomes that of its attempt.
    static func array(of scripts: [String]) -> String {
        let cases = scripts.enumerated().map { index, path in
            "\(index)) [ -f \(quoted(path)) ] || exit \(notSeenCode); exec /bin/sh \(quoted(path)) ;;"
        }
        return "#!/bin/sh\ncase $SLURM_ARRAY_TASK_ID in\n" + cases.joined(separator: "\n") + "\nesac\n"
    }

    /// One word of the shell.
    static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: #"'\''"#) + "'" }
}
