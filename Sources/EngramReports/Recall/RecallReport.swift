/// What asking a memory came to: the exact content of `report.json` of a recall, whose keys are these names in snake case.
package struct RecallReport: JobReport {
    package static let currentSchema = "engram-recall/1"
    package static let jobName = "recall"

    package var header: ReportHeader
    package var sections: ReportSections

    package init(header: ReportHeader, sections: ReportSections) {
        self.header = header
        self.sections = sections
    }

    /// Takes every value as given; nothing is computed or checked.
    package init(
        name: String, memory: Memory, answers: [Answer], seconds: Seconds = .init(), seed: UInt64? = nil, threads: Int,
        versions: [String: String], notes: [String]
    ) {
        header = Self.header(name: name, seed: seed, threads: threads, versions: versions, notes: notes)
        sections = ReportSections([memory, answers, seconds])
    }

    /// The memory that was asked.
    package var memory: Memory {
        get { required() }
        set { sections[Memory.self] = newValue }
    }

    /// One answer for each cue, in the order of the drop.
    package var answers: [Answer] {
        get { required() }
        set { sections[[Answer].self] = newValue }
    }

    /// Wall-clock time of each stage.
    package var seconds: Seconds {
        get { required() }
        set { sections[Seconds.self] = newValue }
    }

    /// The memory that was asked.
    package struct Memory: ReportSection {
        package static let key: String? = "memory"
        package static let isRequired = true

        /// The name of its folder.
        package var name: String
        /// Whether its items are fixed points or form cycles.
        package var kind: DropReport.Kind
        /// The family of its map.
        package var family: String
        /// Number of items n.
        package var items: Int
        /// Number of values d in one item.
        package var dimension: Int
        /// SHA-256 of its `network.safetensors`.
        package var sha256: String

        /// Takes every value as given.
        package init(name: String, kind: DropReport.Kind, family: String, items: Int, dimension: Int, sha256: String) {
            self.name = name
            self.kind = kind
            self.family = family
            self.items = items
            self.dimension = dimension
            self.sha256 = sha256
        }
    }

    /// Wall-clock seconds of each stage.
    package struct Seconds: ReportSection {
        package static let key: String? = "seconds"
        package static let isRequired = true

        /// Reading and checking the memory.
        package var read = 0.0
        /// Reading the cues.
        package var decode = 0.0
        /// Iterating, and finding out how sure the answers are.
        package var recall = 0.0
        /// Writing the files.
        package var render = 0.0
        /// From start to end.
        package var total = 0.0

        /// All zero.
        package init() {}
    }

    /// How one cue ended.
    package enum Outcome: String, Codable, Equatable, Sendable {
        /// On a stored item, equal to it in every code.
        case exact
        /// On a stored item, not in every code.
        case recalled
        /// On a fixed point or a cycle that is nothing stored.
        case spurious
        /// Nowhere, within the iterations.
        case unsettled
        /// It ran off to where numbers end.
        case diverged

        /// Whether something stored came back.
        package var isItem: Bool { self == .exact || self == .recalled }
    }

    /// An item and how far off it is.
    package struct Neighbour: Codable, Equatable, Sendable {
        /// Number of the item, from 0.
        package var item: Int
        /// Its name.
        package var name: String
        /// Root mean square difference, in units of the medium.
        package var distance: Double

        /// Takes every value as given.
        package init(item: Int, name: String, distance: Double) {
            self.item = item
            self.name = name
            self.distance = distance
        }
    }

    /// What one way of dealing with missing entries led to.
    package struct Attempt: Codable, Equatable, Sendable {
        /// `free`, `clamped` or `solved`.
        package var method: String
        /// The item; nil where nothing stored was reached.
        package var item: Int?

        /// Takes every value as given.
        package init(method: String, item: Int?) {
            self.method = method
            self.item = item
        }
    }

    /// Where an excerpt of sound lies in the memory.
    package struct Placement: Codable, Equatable, Sendable {
        /// The clip.
        package var clip: String
        /// Frames from the beginning of the clip to that of the excerpt; negative where the excerpt begins before.
        package var offsetFrames: Int
        /// The same in seconds.
        package var offsetSeconds: Double
        /// Shifts that were tried.
        package var shiftsTried: Int

        /// Takes every value as given.
        package init(clip: String, offsetFrames: Int, offsetSeconds: Double, shiftsTried: Int) {
            self.clip = clip
            self.offsetFrames = offsetFrames
            self.offsetSeconds = offsetSeconds
            self.shiftsTried = shiftsTried
        }
    }

    /// How sure an answer is; lengths are root mean squares in units of the medium.
    package struct Assurance: Codable, Equatable, Sendable {
        /// The smallest perturbation of the cue that was found, by ascent, to lead elsewhere; nil where none was.
        package var escape: Double?
        /// What it leads near to.
        package var escapeTo: String?
        /// The largest perturbation that was tried.
        package var largestTried: Double
        /// Directions that were tried.
        package var directions: Int
        /// ‖J‖₂ at the item, on the subspace of outputs.
        @NullIfNotFinite package var jacobianNorm: Double?
        /// Half the distance to the nearest other item over ‖J‖₂: how far off the item one step still leads back, to first order.
        @NullIfNotFinite package var firstOrderRadius: Double?

        /// Takes every value as given.
        package init(
            escape: Double?, escapeTo: String?, largestTried: Double, directions: Int, jacobianNorm: Double, firstOrderRadius: Double
        ) {
            self.escape = escape
            self.escapeTo = escapeTo
            self.largestTried = largestTried
            self.directions = directions
            self.jacobianNorm = jacobianNorm
            self.firstOrderRadius = firstOrderRadius
        }
    }

    /// The files of one answer, by their paths in the result.
    package struct Files: Codable, Equatable, Sendable {
        /// What was recalled, in the memory's own format; empty where nothing stored was reached.
        package var recalled: [String]
        /// The last state, where that is nothing stored.
        package var state: [String]
        /// The way from the cue to the memory, where it can be shown or played.
        package var path: String?
        /// A sequence of pictures from the cue's place on.
        package var animation: String?

        /// Takes every value as given.
        package init(recalled: [String] = [], state: [String] = [], path: String? = nil, animation: String? = nil) {
            self.recalled = recalled
            self.state = state
            self.path = path
            self.animation = animation
        }
    }

    /// What one cue led to.
    package struct Answer: ReportSectionEntry {
        package static let listKey = "answers"
        package static let isListRequired = true

        /// The cue's file name, or the number of the noise.
        package var cue: String
        /// How it ended.
        package var outcome: Outcome
        /// Whether iteration came to stand still, or went round a stored cycle.
        package var converged: Bool
        /// States of a spurious cycle; nil elsewhere.
        package var spuriousPeriod: Int?
        /// Number of the item that the cue stands for, from 0; nil where nothing stored was reached.
        package var item: Int?
        /// Its name.
        package var itemName: String?
        /// Applications of the map.
        package var steps: Int
        /// Root mean square difference of the recalled state to the item, or to the nearest one.
        package var error: Double
        /// `free`, `clamped` or `solved`: how missing entries were dealt with.
        package var method: String
        /// Every way that was tried.
        package var tried: [Attempt]
        /// Entries of the cue that are known.
        package var knownEntries: Int
        /// How much nearer the recalled state is to its item than to the next one; nil where there is one item.
        package var margin: Double?
        /// The item nearest to the recalled state after that.
        package var secondItem: Neighbour?
        /// The items nearest to the cue over its known entries: what a search would have said.
        package var nearestToCue: [Neighbour]
        /// Whether that search says the same; nil where nothing was recalled.
        package var agreesWithNearest: Bool?
        /// How sure the answer is; nil where nothing was recalled or nobody asked.
        package var assurance: Assurance?
        /// Where an excerpt of sound lies; nil elsewhere.
        package var placement: Placement?
        /// Distance at each step, the cue first, to the item that was due.
        package var distances: [Double]
        /// The files.
        package var files: Files
        /// What was converted, and what else there is to know of this cue.
        package var notes: [String]

        /// Takes every value as given.
        package init(
            cue: String, outcome: Outcome, converged: Bool, spuriousPeriod: Int?, item: Int?, itemName: String?, steps: Int, error: Double,
            method: String, tried: [Attempt], knownEntries: Int, margin: Double?, secondItem: Neighbour?, nearestToCue: [Neighbour],
            agreesWithNearest: Bool?, assurance: Assurance?, placement: Placement?, distances: [Double], files: Files, notes: [String]
        ) {
            self.cue = cue
            self.outcome = outcome
            self.converged = converged
            self.spuriousPeriod = spuriousPeriod
            self.item = item
            self.itemName = itemName
            self.steps = steps
            self.error = error
            self.method = method
            self.tried = tried
            self.knownEntries = knownEntries
            self.margin = margin
            self.secondItem = secondItem
            self.nearestToCue = nearestToCue
            self.agreesWithNearest = agreesWithNearest
            self.assurance = assurance
            self.placement = placement
            self.distances = distances
            self.files = files
            self.notes = notes
        }
    }
}
