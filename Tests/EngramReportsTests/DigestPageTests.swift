import EngramReports
import Testing

/// The digest's page.
@Suite struct DigestPageTests {
    private func content(
        published: [DigestContent.Item] = [], rejected: [DigestContent.Item] = [], damaged: [DigestContent.Item] = []
    ) -> DigestContent {
        DigestContent(
            title: "2026-11-21", span: "a to b", published: published, reused: [], rejected: rejected, waiting: [], damaged: damaged,
            soundCount: 3, verifiedAt: "today")
    }

    private let item = DigestContent.Item(name: "<b>\"'&", moment: "now", detail: "<script>", link: "./a\"b")

    @Test func namesAndReasonsAreEscaped() {
        let html = content(published: [item], rejected: [item], damaged: [item]).html
        #expect(!html.contains("<script>") && !html.contains("<b>") && html.contains("href=\"./a&quot;b\""))
        #expect(html.contains("&lt;b&gt;&quot;&#39;&amp;"))
    }

    @Test func theHeadlineSaysWhatMattersMost() {
        #expect(content().html.contains("<h1>No new memory.</h1>"))
        #expect(content(published: [item, item]).html.contains("<h1>2 new memories.</h1>"))
        #expect(content(published: [item], rejected: [item]).html.contains("<h1>One new memory, and one rejected.</h1>"))
        #expect(content(published: [item], damaged: [item]).html.contains("<h1>One memory is not what was published.</h1>"))
    }

    @Test func itLoadsNothingAndRunsNothing() {
        let html = content(published: [item]).html
        #expect(TagChecker.firstFault(in: html) == nil)
        #expect(html.contains("default-src 'none'") && !html.contains("<script") && !html.contains("src=") && !html.contains("http://"))
    }
}
