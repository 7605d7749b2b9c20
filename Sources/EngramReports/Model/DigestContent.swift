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
