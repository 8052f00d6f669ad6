using System.Text.Json;
using Ear.Clusters;
using Ear.CustomerKeys;

namespace Ear.Tests.Clusters;

public sealed class MoveJsonTests
{
    public static TheoryData<Move> Moves() =>
    [
        new Move.StartProcesses(), new Move.StopProcesses(StopReason.KeyInvalid), new Move.ResyncNode(Views.Id(1), KeyProvider.Aws), new Move.ResyncNode(Views.Id(1), null),
        new Move.StepDownPrimary(Views.Id(0)), new Move.AddNode(2), new Move.RemoveNode(Views.Id(2)), new Move.ResizeNode(Views.Id(1)),
        new Move.Wait(TimeSpan.FromSeconds(15), "why"), new Move.Done(),
    ];

    /// <summary>With the plain options that an orchestration's history is written with.</summary>
    [Theory]
    [MemberData(nameof(Moves))]
    public void Every_move_goes_through_a_history_and_comes_back_as_itself(Move move)
        => Assert.Equal(move, JsonSerializer.Deserialize<NextMove>(JsonSerializer.Serialize<object>(new NextMove(move)))!.Move);

    [Fact]
    public void The_list_above_is_complete()
        => Assert.Equal(typeof(Move).GetNestedTypes().OrderBy(t => t.Name, StringComparer.Ordinal), Moves().Select(m => m.Data.GetType()).Distinct().OrderBy(t => t.Name, StringComparer.Ordinal));
}
