"""The demo nodes: which counties, under which names. 青阳 is the home; the others are in other provinces."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemoNode:
    """One demo county and the node it runs."""

    key: str  # as `accounts.demo` knows it
    name: str
    division: str
    title: str
    prefix: str  # of its demo accounts
    centre: str  # USCC of its service centre, as `accounts.demo` makes it


QINGYANG = DemoNode("qingyang", "qingyang", "341723", "安徽省池州市青阳县", "qy", "12341723DEM010001M")
JIASHAN = DemoNode("jiashan", "jiashan", "330421", "浙江省嘉兴市嘉善县", "js", "12330421DEM0200073")
TONGNAN = DemoNode("third", "tongnan", "500152", "重庆市潼南区", "tn", "12500152DEM030002R")
NODES = {node.key: node for node in (QINGYANG, JIASHAN, TONGNAN)}
