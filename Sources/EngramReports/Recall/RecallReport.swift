public import Foundation

/// What asking a memory came to: the exact content of `report.json` of a recall, whose keys are these names in snake case.
///
/// `Documentation/FileFormats.md` gives each field's unit and meaning.
public struct RecallReport: Codable, Equatable, Sendable {
    /// The layout that this version writes.
    public static let currentSchema = "engram-recall/1"
    /// What `job` says.
    public static let jobName = "recall"

    /// Version of this layout; readers should refuse one they do not know.
    public var schema = RecallReport.currentSchema
    /// The job: `recall`.
    public var job = RecallReport.jobName
    /// The name of the cue drop. It comes from a file name, so treat it as hostile text.
    public var name: String
    /// The memory that was asked.
    public var memory: Memory
    /// One answer for each cue, in the order of the drop.
    public var answers: [Answer]
    /// Wall-clock time of each stage.
    public var seconds: Seconds
    /// Seed of noise; nil where none was drawn.
    public var seed: UInt64?
    /// Threads of the linear-algebra library.
    public var threads: Int
    /// Version of the program and of each library, by name.
    public var versions: [String: String]
    /// Remarks in plain sentences.
    public var notes: [String]

    /// Takes every value as given; nothing is computed or checked.
    public init(
        name: String, memory: Memory, answers: [Answer], seconds: Seconds = .init(), seed: UInt64? = nil, threads: Int,
        versions: [String: String], notes: [String]
    ) {
        self.name = name
        self.memory = memory
        self.answers = answers
        self.seconds = seconds
        self.seed = seed
        self.threads = threads
        self.versions = versions
        self.notes = notes
    }

    /// The memory that was asked.
    public struct Memory: Codable, Equatable, Sendable {
        /// The name of its folder.
        public var name: String
        /// Whether its items are fixed points or form cycles.
        public var kind: DropReport.Kind
        /// The family of its map.
        public var family: String
        /// Number of items n.
        public var items: Int
        /// Number of values d in one item.
        public var dimension: Int
        /// SHA-256 of its `network.safetensors`.
        public var sha256: String

        /// Takes every value as given.
        public init(name: String, kind: DropReport.Kind, family: String, items: Int, dimension: Int, sha256: String) {
            self.name = name
            self.kind = kind
            self.family = family
            self.items = items
            self.dimension = dimension
            self.sha256 = sha256
        }
    }

    /// Wall-clock seconds of each stage.
    public struct Seconds: Codable, Equatable, Sendable {
        /// Reading and checking the memory.
        public var read = 0.0
        /// Reading the cues.
        public var decode = 0.0
        /// Iterating, and finding out how sure the answers are.
        public var recall = 0.0
        /// Writing the files.
        public var render = 0.0
        /// From start to end.
        public var total = 0.0

        /// All zero.
        public init() {}
    }

    /// How one cue ended.
    public enum Outcome: String, Codable, Equatable, Sendable {
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
        public var isItem: Bool { self == .exact || self == .recalled }
    }

    /// An item and how far off it is.
    public struct Neighbour: Codable, Equatable, Sendable {
        /// Number of the item, from 0.
        public var item: Int
        /// Its name.
        public var name: String
        /// Root mean square difference, in units of the medium.
        public var distance: Double

        /// Takes every value as given.
        public init(item: Int, name: String, distance: Double) {
            self.item = item
            self.name = name
            self.distance = distance
        }
    }

    /// What one way of dealing with missing entries led to.
    public struct Attempt: Codable, Equatable, Sendable {
        /// `free`, `clamped` or `solved`.
        public var method: String
        /// The item; nil where nothing stored was reached.
        public var item: Int?

        /// Takes every value as given.
        public init(method: String, item: Int?) {
            self.method = method
            self.item = item
        }
    }

    /// Where an excerpt of sound lies in the memory.
    public struct Placement: Codable, Equatable, Sendable {
        /// The clip.
        public var clip: String
        /// Frames from the beginning of the clip to that of the excerpt; negative where the excerpt begins before.
        public var offsetFrames: Int
        /// The same in seconds.
        public var offsetSeconds: Double
        /// Shifts that were tried.
        public var shiftsTried: Int

        /// Takes every value as given.
        public init(clip: String, offsetFrames: Int, offsetSeconds: Double, shiftsTried: Int) {
            self.clip = clip
            self.offsetFrames = offsetFrames
            self.offsetSeconds = offsetSeconds
            self.shiftsTried = shiftsTried
        }
    }

    /// How sure an answer is; lengths are root mean squares in units of the medium.
    public struct Assurance: Codable, Equatable, Sendable {
        /// The smallest perturbation of the cue that was found, by ascent, to lead elsewhere; nil where none was.
        public var escape: Double?
        /// What it leads near to.
        public var escapeTo: String?
        /// The largest perturbation that was tried.
        public var largestTried: Double
        /// Directions that were tried.
        public var directions: Int
        /// ‖J‖₂ at the item, on the subspace of outputs.
        @NullIfNotFinite public var jacobianNorm: Double?
        /// Half the distance to the nearest other item over ‖J‖₂: how far off the item one step still leads back, to first order.
        @NullIfNotFinite public var firstOrderRadius: Double?

        /// Takes every value as given.
        public init(
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
    public struct Files: Codable, Equatable, Sendable {
        /// What was recalled, in the memory's own format; empty where nothing stored was reached.
        public var recalled: [String]
        /// The last state, where that is nothing stored.
        public var state: [String]
        /// The way from the cue to the memory, where it can be shown or played.
        public var path: String?
        /// A sequence of pictures from the cue's place on.
        public var animation: String?

        /// Takes every value as given.
        public init(recalled: [String] = [], state: [String] = [], path: String? = nil, animation: String? = nil) {
            self.recalled = recalled
            self.state = state
            self.path = path
            self.animation = animation
        }
    }

    /// What one cue led to.
    public struct Answer: Codable, Equatable, Sendable {
        /// The cue's file name, or the number of the noise.
        public var cue: String
        /// How it ended.
        public var outcome: Outcome
        /// Whether iteration came to stand still, or went round a stored cycle.
        public var converged: Bool
        /// States of a spurious cycle; nil elsewhere.
        public var spuriousPeriod: Int?
        /// Number of the item that the cue stands for, from 0; nil where nothing stored was reached.
        public var item: Int?
        /// Its name.
        public var itemName: String?
        /// Applications of the map.
        public var steps: Int
        /// Root mean square difference of the recalled state to the item, or to the nearest one.
        public var error: Double
        /// `free`, `clamped` or `solved`: how missing entries were dealt with.
        public var method: String
        /// Every way that was tried.
        public var tried: [Attempt]
        /// Entries of the cue that are known.
        public var knownEntries: Int
        /// How much nearer the recalled state is to its item than to the next one; nil where there is one item.
        public var margin: Double?
        /// The item nearest to the recalled state after that.
        public var secondItem: Neighbour?
        /// The items nearest to the cue over its known entries: what a search would have said.
        public var nearestToCue: [Neighbour]
        /// Whether that search says the same; nil where nothing was recalled.
        public var agreesWithNearest: Bool?
        /// How sure the answer is; nil where nothing was recalled or nobody asked.
        public var assurance: Assurance?
        /// Where an excerpt of sound lies; nil elsewhere.
        public var placement: Placement?
        /// Distance at each step, the cue first, to the item that was due.
        public var distances: [Double]
        /// The files.
        public var files: Files
        /// What was converted, and what else there is to know of this cue.
        public var notes: [String]

        /// Takes every value as given.
        public init(
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

    /// Returns the bytes of `report.json`, written as `DropReport.json()` writes its own.
    /// - Throws: `ReportError.unencodable` for numbers that are not finite.
    public func json() throws(ReportError) -> Data { try ReportCoding.encode(self) }

    /// Reads the bytes of a `report.json`.
    /// - Throws: `ReportError.unreadable` for anything but a complete report, `.unknownSchema` for one of another schema.
    public init(json: Data) throws(ReportError) {
        self = try ReportCoding.decode(RecallReport.self, from: json)
        guard schema == Self.currentSchema else { throw .unknownSchema(found: schema) }
    }
}
