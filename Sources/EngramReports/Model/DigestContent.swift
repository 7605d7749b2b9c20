/// What happened to drops and memories over a span of time; every text is ready to be read.
package struct DigestContent: Equatable, Sendable {
    /// One drop.
    package struct Item: Equatable, Sendable {
        /// Its name.
        package var name: String
        /// When, as text.
        package var moment: String
        /// Facts or a reason.
        package var detail: String
        /// A relative address of something to look at, from the digest's folder; nil for nothing.
        package var link: String?

        /// Creates an item.
        package init(name: String, moment: String, detail: String, link: String? = nil) {
            self.name = name
            self.moment = moment
            self.detail = detail
            self.link = link
        }
    }

    /// What happened on one day.
    package struct Night: Equatable, Sendable {
        /// Such as `2026-11-21`.
        package var day: String
        /// Results that came out.
        package var published: Int
        /// Drops that were refused.
        package var rejected: Int
        /// Seconds that drops were at work.
        package var workSeconds: Double
        /// Memories that were found not to be what was published, by the last check of the day; nil where none was made.
        package var damaged: Int?

        /// Creates a night.
        package init(day: String, published: Int, rejected: Int, workSeconds: Double, damaged: Int? = nil) {
            (self.day, self.published, self.rejected) = (day, published, rejected)
            (self.workSeconds, self.damaged) = (workSeconds, damaged)
        }
    }

    /// Time and room that was taken.
    package struct Use: Equatable, Sendable {
        /// Seconds that drops were at work in the span.
        package var workSeconds: Double
        /// Bytes of the results that came out in the span.
        package var publishedBytes: Int64
        /// Bytes of all results that the ledger knows.
        package var resultBytes: Int64
        /// Bytes of all sources that are kept.
        package var archiveBytes: Int64
        /// Bytes that are free; nil where nobody knows.
        package var freeBytes: Int64?

        /// Creates a use.
        package init(workSeconds: Double, publishedBytes: Int64, resultBytes: Int64, archiveBytes: Int64, freeBytes: Int64?) {
            (self.workSeconds, self.publishedBytes, self.resultBytes) = (workSeconds, publishedBytes, resultBytes)
            (self.archiveBytes, self.freeBytes) = (archiveBytes, freeBytes)
        }
    }

    /// A day's name, such as `2026-11-21`.
    package var title: String
    /// From when to when, as text.
    package var span: String
    /// Results that came out.
    package var published: [Item]
    /// Drops whose result was there already.
    package var reused: [Item]
    /// Drops that were refused.
    package var rejected: [Item]
    /// Drops that are at work or wait, whenever they came.
    package var waiting: [Item]
    /// Memories that were checked again and are not what was published.
    package var damaged: [Item]
    /// Memories that were checked again and are sound.
    package var soundCount: Int
    /// Cues that memories were asked with.
    package var asked: [Item]
    /// Memories whose files are sound and whose recall could not be tried; they count as neither.
    package var uncheckedCount: Int
    /// Memories that could not be checked whole, with the reason.
    package var unchecked: [Item] = []
    /// Sources and results that were deleted by what `keep:` says.
    package var deleted: [Item] = []
    /// What was taken; nil where it was not looked at.
    package var use: Use?
    /// The last nights, oldest first.
    package var nights: [Night] = []
    /// When memories were checked last, as text; nil if never.
    package var verifiedAt: String?

    /// All parts at once.
    package init(
        title: String, span: String, published: [Item], reused: [Item], rejected: [Item], waiting: [Item], damaged: [Item],
        soundCount: Int, asked: [Item] = [], uncheckedCount: Int = 0, verifiedAt: String?
    ) {
        self.title = title
        self.span = span
        self.published = published
        self.reused = reused
        self.rejected = rejected
        self.waiting = waiting
        self.damaged = damaged
        self.soundCount = soundCount
        self.asked = asked
        self.uncheckedCount = uncheckedCount
        self.verifiedAt = verifiedAt
    }
}
