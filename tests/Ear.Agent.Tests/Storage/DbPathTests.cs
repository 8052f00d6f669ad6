using Ear.Agent.Storage;
using Ear.Agent.Tests.Fakes;
using Ear.Nodes;

namespace Ear.Agent.Tests.Storage;

public sealed class DbPathTests : IDisposable
{
    private const string Op = "op-1";
    private static readonly DbMarker Plain = new("6e0000000000000000000001", EncryptionMode.None, null, true);
    private static readonly DbMarker Fresh = Plain with { Encryption = EncryptionMode.Aes256Gcm, Started = false };
    private readonly TemporaryFolder temporary = new();

    public DbPathTests()
    {
        Db.Mark(Plain);
        File.WriteAllText(Path.Combine(Folder, "data"), "old");
    }

    private DbPath Db => new(new AgentFolder(temporary.Path), NodeId.FromValid(Plain.NodeId));

    private string Folder => temporary["db"];

    private string Aside => temporary["db.old-op-1"];

    public void Dispose() => temporary.Dispose();

    [Fact]
    public void The_disk_is_as_large_as_what_is_free_and_the_data_on_it_at_least()
    {
        var space = Db.Space!;

        Assert.Equal(new DirectoryInfo(Folder).EnumerateFiles().Sum(f => f.Length), space.Used);
        Assert.InRange(space.Free, 1, space.Total - space.Used);
    }

    [Fact]
    public void Moved_aside_twice_is_moved_aside_once()
    {
        Db.MoveAside(Op, Fresh);
        File.WriteAllText(Path.Combine(Folder, "data"), "new");
        Db.MoveAside(Op, Fresh);
        Assert.Equal(("new", "old"), (Text(Folder), Text(Aside)));
    }

    [Fact]
    public void A_move_that_died_after_its_rename_is_finished()
    {
        Directory.Move(Folder, Aside);
        Db.MoveAside(Op, Fresh);
        Assert.Equal(Fresh, Db.Marker);
        Assert.Equal("old", Text(Aside));
    }

    [Fact]
    public void A_move_that_died_before_its_marker_is_finished()
    {
        Directory.Move(Folder, Aside);
        Directory.CreateDirectory(Folder);
        Db.MoveAside(Op, Fresh);
        Assert.Equal(Fresh, Db.Marker);
    }

    [Fact]
    public void Moved_back_the_old_data_is_there_and_the_new_gone_wherever_it_died()
    {
        Db.MoveAside(Op, Fresh);
        // Died between its two renames.
        Directory.Move(Folder, temporary["db.failed-op-1"]);
        Db.MoveBack(Op);
        Db.MoveBack(Op);
        Assert.Equal("old", Text(Folder));
        Assert.Equal(["db"], Directory.GetDirectories(temporary.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void Another_nodes_data_is_foreign_and_not_moved()
    {
        Db.Mark(Plain with { NodeId = "6e0000000000000000000002" });
        Assert.True(Db.IsForeign);
        Assert.Throws<InvalidOperationException>(() => Db.MoveAside(Op, Fresh));
        Assert.Equal("old", Text(Folder));
    }

    [Fact]
    public void An_operation_id_cannot_lead_out_of_the_data_folder()
    {
        Db.MoveAside("../../elsewhere", Fresh);
        Assert.Equal(2, Directory.GetDirectories(temporary.Path).Length);
        Assert.True(Db.IsAside("../../elsewhere"));
    }

    private static string Text(string folder) => File.ReadAllText(Path.Combine(folder, "data"));
}
