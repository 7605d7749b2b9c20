import EngramReports
import Foundation
import HTTPTypes
import Testing

@testable import EngramDrops
@testable import EngramService

/// Terminal, JSON, metrics and page show one status.
@Suite struct PagesTests {
    private func snapshot(_ world: World) -> Snapshot {
        var running = ProgressMessage(stage: "train", elapsedSeconds: 75, detail: "training further, round 2")
        (running.epoch, running.plannedEpochCount, running.loss, running.fraction, running.remainingSeconds) = (12, 20, 0.00321, 0.6, 50)
        func row(_ id: String, _ name: String, _ state: DropState, reason: String = "") -> DropRow {
            DropRow(
                id: id, name: name, path: "/i/" + name, state: state, reason: reason, attempt: 1, failureCount: 0, createdAt: 1000,
                updatedAt: 1000)
        }
        let status = StatusReport(
            daemonProcess: 7, counts: [.running: 1, .rejected: 1, .archived: 1, .waiting: 1],
            drops: [
                .init(row: row("1", "film", .running), progress: running, interpretation: "taken for a film"),
                .init(row: row("2", "late<b>", .waiting, reason: "it is empty & waits")),
                .init(row: row("3", "bad.png", .rejected, reason: "no PNG")),
                .init(
                    row: row("4", "faces", .archived),
                    summary: JobSummary(outcome: "exact", headline: "recalled exactly", warning: nil, isSuccess: true)),
            ], folders: world.folders)
        var snapshot = Snapshot(status: status, now: 4000)
        snapshot.losses["1"] = (1...12).map { LossRow(epoch: $0, mse: 1 / Double($0), learningRate: nil, seconds: 1, phase: "training") }
        snapshot.previews["1"] = 5
        return snapshot
    }

    @Test func theFirstPageShowsWhatTheStatusSays() throws {
        let page = HomePage(snapshot: snapshot(try World())).main.source
        #expect(page.contains("epoch 12 of 20 · loss 0.0032 · 50 s left · 1:15 so far") && page.contains("value=\"60\" max=\"100\""))
        #expect(page.contains("training further, round 2") && page.contains("taken for a film") && page.contains("/previews/1?5"))
        #expect(page.contains("late&lt;b&gt;") && page.contains("it is empty &amp; waits") && !page.contains("late<b>"))
        #expect(page.contains("action=\"/drops/3/requeue\"") && page.contains("no PNG"))
        #expect(page.contains("recalled exactly") && page.contains("50 min ago"))
        #expect(page.contains("<svg") && page.contains("Mean squared error over 12 epochs"))
    }

    @Test func metricsHaveTheSameFigures() throws {
        let text = ProgressMetrics.text(snapshot(try World()).status)
        #expect(text.contains("\nengram_progress_ratio{drop=\"film\",stage=\"train\"} 0.6\n"))
        #expect(text.contains("engram_loss{drop=\"film\",stage=\"train\"} 0.00321\n") && text.contains("} 12\n"))
        #expect(ProgressMetrics.text(StatusReport(daemonProcess: nil, counts: [:], drops: [], folders: try World().folders)).isEmpty)
    }

    @Test func everyPartStandsInThePageUnderItsName() throws {
        let home = HomePage(snapshot: snapshot(try World()))
        for part in home.parts where part.id != "daemon" {
            #expect(home.main.source.contains("<div id=\"\(part.id)\">\(part.markup.source)</div>"))
        }
    }

    /// What never changes is not sent again; and what only grows older changes once a minute, not with every look.
    @Test func partsStayTheSameWhileNothingHappens() throws {
        var snapshot = snapshot(try World())
        let before = HomePage(snapshot: snapshot).parts.map(\.markup)
        snapshot.now += 20
        #expect(HomePage(snapshot: snapshot).parts.map(\.markup) == before)
    }

    @Test func ledgerAndServerAgree() async throws {
        let world = try World()
        _ = try Ledger(path: world.folders.ledgerPath, clock: SystemDropClock())
        let json = try #require(try await world.ask(.get, "/api/status").json)
        let ledger = try Ledger.existing(at: world.folders.ledgerPath, clock: SystemDropClock())
        let report = try StatusReport.read(ledger: ledger, folders: world.folders, daemonProcess: nil)
        #expect(json["counts"] == report.json["counts"] && json["folders"] == report.json["folders"])
        let metrics = try await world.ask(.get, "/metrics").text
        #expect(metrics.contains("engram_drops{state=\"running\"} 0\n") && !metrics.contains("engram_start_timestamp_seconds"))
        #expect(metrics.contains("engram_page_watchers 0\n"))
    }

    @Test(arguments: ["8080", "127.0.0.1:8080", "[::1]:8080", "localhost:8080"])
    func addressesOfThisMachineAreKnown(text: String) throws {
        let (host, port) = try #require(PageSettings.address(text))
        #expect(PageSettings(host: host, port: port).isLoopback && port == 8080)
    }

    @Test func otherAddressesAreNotOfThisMachine() throws {
        for text in ["0.0.0.0:80", "[::]:80", "192.168.0.2:80", "127.0.0.1.example:80", "name:80"] {
            let (host, port) = try #require(PageSettings.address(text))
            #expect(!PageSettings(host: host, port: port).isLoopback, "\(text)")
        }
        for text in ["", ":80", "a:", "a:99999", "::1:80", "a:-1", "a:+1", "none"] { #expect(PageSettings.address(text) == nil, "\(text)") }
    }
}
