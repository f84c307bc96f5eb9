package learn

var chinese = language{"zh", &zhLessons, &zhSay, &zhLayers}

var zhLayers = [8]string{
	1: "物理层：接口没有启用、网线没有接通",
	2: "数据链路层：以太网、MAC 地址、网桥及其端口、MTU",
	3: "网络层：IP 地址、前缀长度、路由、转发",
	4: "传输层：TCP、UDP、端口号",
	5: "会话层",
	6: "表示层",
	7: "应用层：应当作出应答的程序",
}

var zhSay = [nMessages]string{
	mUsage: `用法：rawns learn [--lang en|zh] [--grade[=文件]] [课名]
      rawns learn [--lang en|zh] [--grade[=文件]] --run 课名 <命令
      rawns learn --list

一门关于 Linux 网络命名空间的课程：从创建第一个命名空间开始，直到网桥后面
的服务器；随后是八个带有故障的网络，等你去排查。一切都在沙箱里进行：不需要
root 权限，也不会影响外面的网络。你会得到一个自己的 shell，无论用什么方法，
"check" 只看任务是否完成。

  课名          从这一课开始；--list 列出所有的课
  --run         从标准输入读取命令，交给 /bin/sh 执行，最后检查一次
  --grade       结束时以 JSON 格式输出成绩
  --grade=文件  每一步之后都把成绩写入文件
  --lang        语言；不指定时取决于 LC_ALL、LC_MESSAGES 或 LANG

退出码：0 完成；1 无法创建沙箱，或者出错；2 用法错误；
3 使用 --run 时，最后停留的那一课没有完成。
`,
	mWelcome: `这个 shell 在沙箱里：它有自己的网络，而你在其中就是 root。无论怎样摆弄这个网
络，都不会影响外面的系统（但文件仍然是这台机器的文件）；输入 exit 即可全部结
束。这里的 ip、bridge、ping、curl 和 http_server 都由 rawns 提供；rawns 的
doctor、ls 和 explain 也能帮上忙。
`,
	mCommands: `命令：check（检查） hint（提示） solve（解答） reset（重置） next（下一课）
      back（上一课） task（题目） list（目录） picture [goal]（拓扑图）
      bytes [lesson|命令]（报文字节） lesson 课名  lang en`,
	mBye:         "沙箱已经消失，里面的一切也随之消失。完成了 {0} 课，共 {1} 课。",
	mHost:        "主机",
	mSpace:       "命名空间 {0} ",
	mLesson:      "== 第 {0} 课，共 {1} 课：{2} ==",
	mNow:         "现在的网络：",
	mGoal:        "本课的目标（至少要有这些）：",
	mSolved:      "完成了。现在的网络：",
	mNotYet:      "还没有完成：",
	mNext:        `输入 next 进入下一课：{0}。`,
	mAll:         `这个方向上没有别的课了。输入 list 查看目录。`,
	mHint:        "提示 {0}，共 {1} 条：",
	mResetDone:   "网络已经恢复到本课开始时的状态。",
	mResetFirst:  "先把网络恢复到本课开始时的状态。",
	mPlayed:      "以上就是所用的命令。",
	mPlayFails:   "命令执行失败，退出码为 {0}；输入 reset 可以恢复网络",
	mNoSpace:     "没有名为 {0} 的命名空间。",
	mNoLink:      "{1}里没有名为 {0} 的接口。",
	mElsewhere:   "{0} 不在{1}里，而是在{2}里。",
	mDown:        "{1}里的 {0} 没有启用（down），需要把它启用（up）。",
	mNoPort:      "{0} 还不是网桥 {3} 的端口：它没有 master。",
	mOtherPort:   "{0} 是 {2} 的端口，而它应当是 {3} 的端口。",
	mPeer:        "{1}里的 {0}，其另一端是 {2}，而应当是 {3}。",
	mKind:        "{1}里的 {0} 的类型是 {2}，而应当是 {3}。",
	mNoAddr:      "{1}里的 {0} 没有地址 {3}。",
	mOtherPrefix: "{1}里的 {0} 的地址是 {2}，前缀长度不对：应当是 {3}。",
	mNoEcho:      "从{1}里 ping {0}，没有应答。",
	mNoLargeEcho: "从{1}里 ping {0}，小包有应答，{2} 字节的包没有应答。",
	mMoved:       "地址 {0} 必须属于{1}，而且只属于它。",
	mNoPage:      "http://{0}/ 没有应答（{1}）。",
	mDiffers:     "与目标不符：{0}。",
	mBytesTyped:  "刚才输入的命令发给内核的报文（bytes lesson 显示本课命令的报文）：",
	mBytesNone: `本课的命令不需要 netlink 报文，而且你还没有输入过别的命令。
任何命令都可以这样解释，例如：bytes ip link set lo up`,
	mSendUsage:  "需要一条完整的报文，用十六进制数字表示：send 2000 0000 1000 ...",
	mSendHex:    `"{0}" 不是十六进制数字`,
	mSendLength: "开头四个字节 nlmsg_len 说长度是 {0} 字节，实际却有 {1} 字节",
	mSent:       "已发送 {0} 字节；内核确认：已执行。",
	mRefused:    "内核拒绝了：{0}",
	mLayerAsk:   `故障在哪一层？从 layer 1（网线）到 layer 7（应用）选一个输入。`,
	mLayerRight: "正确。第 {0} 层是{1}。",
	mLayerWrong: "不对：第 {0} 层是{1}。",
	mLayerWas:   "故障在第 {0} 层，{1}。",
	mLayerNone:  "这一课里没有故意设置的故障。",
	mNoCourse:   `"{0}" 是课程里的命令，而这里没有课程；输入 rawns learn 开始`,
	mNoLesson:   `没有名为 "{0}" 的课；rawns learn --list 列出所有的课`,
	mListHead:   "课程目录（* 已完成，+ 用 solve 完成，> 当前这一课）：",
}

var zhLessons = [nLessons]words{
	{
		title: "网络命名空间",
		text: `一个网络命名空间就是一套独立的网络：有自己的接口、地址、路由和套接字。每个进
程都处在某一个命名空间里。新建的命名空间里只有 lo，而且没有启用。
"ip netns add 名字" 创建一个命名空间，并用 /run/netns/名字 上的挂载来保留
它，这样即使里面没有进程，它也不会消失。`,
		task: `任务：创建一个名为 blue 的网络命名空间。`,
		hints: `命令是 ip，对象是 netns。"ip netns help" 会列出它的各种用法。

ip netns add blue`,
		after: `"ip netns exec blue ip link" 在 blue 里运行 ip：它只看得到 lo。`,
	},
	{
		title: "虚拟以太网对（veth）",
		text: `虚拟以太网对（veth pair）好比一根两头都带网卡的网线：从一端进去的，就从另
一端出来。两端总是同时创建；删除其中一端，另一端也随之消失。刚创建时，两端
都没有启用。`,
		task: `任务：在主机上创建一对 veth，两端分别叫 vethtest01 和 vethest002。`,
		hints: `"ip link add" 用来创建接口，"type veth" 指定类型，"peer name" 指定另一端的
名字。

ip link add vethtest01 type veth peer name vethest002`,
		after: `"ip link" 显示 vethtest01@vethest002：@ 后面是另一端的名字。输入 bytes 可以
看到，这其实只是一条报文，另一端嵌套在它的属性里。`,
	},
	{
		title: "移动一端",
		text: `一个接口同一时刻只属于一个命名空间，但可以移动：它从这里消失，出现在那里，
接口编号可能会变；两端之间的"网线"仍然连着。移动会使接口停用，并清除它的地
址，所以要先移动，再配置地址。`,
		task: `任务：把 vethest002 移到 blue 里；vethtest01 留在主机上。`,
		hints: `"ip link set 接口 netns 名字" 用来移动接口。

移动之后，这里的 "ip link" 不再显示它，而 "ip -n blue link" 会显示：
-n 指定 ip 在哪个命名空间里工作。

ip link set vethest002 netns blue`,
		after: `现在 "ip link" 显示的是 vethtest01@if 加一个数字：从这里看不到另一端，只知道
它的编号。"link-netns blue" 说明了它在哪里。"rawns ls" 会同时列出两端。`,
	},
	{
		title: "地址",
		text: `地址属于接口，并带有网络的前缀长度：有了 10.1.1.2/16，从 10.1.0.0 到
10.1.255.255 就都是邻居，不经过路由器即可到达。接口一旦启用，内核就会据此生
成一条路由。`,
		task: `任务：给 blue 里的 vethest002 配置地址 10.1.1.2/16，并把它启用。`,
		hints: `需要两条命令，而且都要在 blue 里执行：ip -n blue ...

"ip addr add 地址/前缀长度 dev 接口" 用来添加地址，"ip link set 接口 up" 用
来启用接口。

ip -n blue addr add 10.1.1.2/16 dev vethest002
ip -n blue link set vethest002 up`,
		after: `它已经启用，却没有载波（NO-CARRIER，LOWERLAYERDOWN）：网线的另一端还没有启
用。`,
	},
	{
		title: "网桥",
		text: `网桥就是内核里的以太网交换机：从一个端口进来的帧，会从见过其目的地址的那个
端口出去；如果没有见过，就从所有端口出去。网桥同时也是主机的一个接口，主机
可以在上面配置自己的地址，参与交换。`,
		task: `任务：创建一个名为 test-bridge 的网桥，给它配置地址 10.1.2.2/16，并启用它。`,
		hints: `创建网桥和创建别的接口一样：ip link add name 名字 type bridge

配置地址和启用的方法与上一课相同，不过是在主机上，所以不需要 -n。

ip link add name test-bridge type bridge
ip addr add 10.1.2.2/16 dev test-bridge
ip link set test-bridge up`,
		after: `它还没有端口：一台没有插网线的交换机。`,
	},
	{
		title: "master",
		text: `把网桥设为一个接口的 master，这个接口就成了网桥的端口。从那里进来的帧都归网
桥处理；端口本身不需要地址，即使配置了也没有用处。`,
		task: `任务：让 vethtest01 成为 test-bridge 的端口。`,
		hints: `还是用 "ip link set"，关键字是 master。

ip link set vethtest01 master test-bridge`,
		after: `"bridge link" 列出端口及其状态。以前的写法是
"brctl addif test-bridge vethtest01"，这里同样可以使用。`,
	},
	{
		title: "ping 为什么不通",
		text: `网线、交换机、地址都齐了，可是 "ping -c 1 10.1.1.2" 还是没有应答。本课程所依
据的那篇文章漏了一条命令。请自下而上检查：每个接口都启用了吗？有没有载波？
ARP 有没有人回答（"ip neigh"）？走的是哪条路由（"ip route get 10.1.1.2"）？`,
		task: `任务：找出缺了什么，让 blue 对 10.1.1.2 的 ping 作出应答。`,
		hints: `"ip link" 在尖括号里显示 UP 和 LOWER_UP：前者表示管理员启用了它，后者表示
另一端也是通的。

网线的两端中，有一端从来没有启用过。刚创建时两端都是停用的。

"rawns doctor . blue:" 会沿着数据包的路径逐步检查，指出第一个丢包的地方。

ip link set vethtest01 up`,
		after: `端口停用时，既不会把帧交给网桥，也收不到帧；而另一端虽然已经启用，却没有载
波。`,
	},
	{
		title: "服务器",
		text: `套接字属于打开它时所在的命名空间。在 blue 里启动的服务器，要通过 blue 的地址
访问；它的 8080 端口与主机的 8080 端口毫无关系。"ip netns exec 名字 命令" 在
指定的命名空间里运行程序。`,
		task: `任务：在 blue 里运行一个服务器，使 10.1.1.2 的 8080 端口有应答。可以使用
http_server；它在前台运行，所以请在命令末尾加上 &。`,
		hints: `把 "ip netns exec blue" 写在服务器命令的前面。

ip netns exec blue http_server &`,
		after: `"curl 10.1.1.2:8080" 可以取回网页。"rawns ls" 会告诉你现在是谁占用着 blue：
就是服务器的进程。`,
	},
	{
		title: "用字节来做同样的事",
		text: `前面的每条命令，都只是 netlink 套接字上的几十个字节。输入
"rawns explain ip link set vethtest01 master test-bridge" 可以看到这条报文：
16 字节的报文头（长度、类型、标志、序号、发送者），16 字节的结构（其中有接口
编号），以及一个属性：长度、类型 10（IFLA_MASTER）、网桥的编号。explain 并不
会真的发送它。`,
		task: `任务：vethtest01 失去了 master。请用 send 亲自发送这条报文，参数是从
nlmsg_len 开始直到结尾的全部字节，用十六进制表示。`,
		hints: `"bytes lesson" 会解释这条报文。第二列就是字节：从上往下读，跳过以 # 开头的
行。

它的开头是 28000000 1000 0500：40 字节，RTM_NEWLINK，REQUEST 和 ACK。在常见
的机器上，数字的低位字节在前。

"ip link" 在名字前面用十进制显示这两个编号；在报文里它们各占 4 个字节：
101 写作 65000000。

输入 solve 可以看到脚本如何从 "rawns explain --json" 里取出这些字节。`,
		after: `ip 所做的一切不过如此。在任何命令之后输入 bytes，都能看到它对内核说了什么。`,
	},
	{
		title: "排障：石沉大海",
		text: `有人搭好了这个网络：网桥的地址是 10.2.0.1/24，后面是 red，地址是
10.2.0.2/24。red 没有任何应答。只有一处故障。`,
		task: `任务：让 red 对主机发往 10.2.0.2 的 ping 作出应答。`,
		hints: `自下而上检查。先看两边的接口："ip link" 和 "ip -n red link"。

v-red 已经启用，却显示 NO-CARRIER。另一端怎么样？

ip -n red link set eth0 up`,
		after: `一端显示 NO-CARRIER，多半意味着：该去看看另一端。`,
	},
	{
		title: "排障：从未谋面的邻居",
		text: `red（10.2.0.2/24）和 green（10.2.0.3/24）在同一个网段里。所有接口都已启用，
也都有载波。可是 green 到不了 red。`,
		task: `任务：让 red 对 green 发往 10.2.0.2 的 ping 作出应答。`,
		hints: `ping 之后执行 "ip -n green neigh"：FAILED 或 INCOMPLETE 表示没有人回答 ARP。
ARP 请求到底有没有到达 red？

输入 picture 或 "bridge link" 看一看：哪个端口属于哪个网桥？（网桥的名字写在
master 后面。）

这里有两个网桥，各有一个端口。两个端口必须在同一个网桥上。

ip link set v-red master br-a`,
		after: `两台交换机之间没有网线，就是两个网络，不管地址怎么写。在两个网桥之间连一对
veth，也可以解决问题。`,
	},
	{
		title: "排障：双胞胎",
		text: `red 和 green 是从同一个镜像复制出来的。主机能分别访问它们，可是 green 到不了
red（10.2.0.2）。`,
		task: `任务：让 red 对 green 发往 10.2.0.2 的 ping 作出应答。`,
		hints: `交换机只凭一样东西辨认邻居，而那不是 IP 地址。复制镜像的时候，还有什么也被
一起复制了？

比较 "ip -n red link" 和 "ip -n green link" 里的 link/ether。

两个 MAC 地址相同：网桥会把发给其中一个的帧，送给最后发过帧的那一个。请给其
中一个换一个地址。

ip -n green link set eth0 address 02:00:00:00:00:08`,
		after: `"bridge fdb show br br0" 显示网桥学到了什么：一个 MAC 地址只会在一个端口后
面。`,
	},
	{
		title: "排障：送到了，却没有回音",
		text: `又是那篇文章里的场景：主机的网桥是 10.1.2.2/16，blue 的地址是 10.1.1.2。接口
都已启用，ARP 也正常："ip neigh" 里有 blue 的 MAC 地址。可是 ping 没有应答。`,
		task: `任务：让 blue 对主机发往 10.1.1.2 的 ping 作出应答。blue 要保留这个地址。`,
		hints: `ping 有去有回。请求已经送到；blue 会把应答送到哪里去？
"ip -n blue route get 10.1.2.2"

"ip -n blue addr"：主机 10.1.2.2 在 blue 的网段里吗？

前缀长度是 /24，所以不在。blue 的地址应当是 10.1.1.2/16，或者要有另一条路
由。

ip -n blue addr add 10.1.1.2/16 dev vethest002
ip -n blue addr del 10.1.1.2/24 dev vethest002`,
		after: `谁是邻居，由前缀长度决定。两边必须一致。`,
	},
	{
		title: "排障：有去无回",
		text: `left（10.3.1.2）和 right（10.3.2.2）在两个网段里，中间是路由器，它在两个网段
里的地址都以 .1 结尾。left 发出的包确实到达了 right。`,
		task: `任务：让 right 对 left 发往 10.3.2.2 的 ping 作出应答。`,
		hints: `沿途三者都问一问，看看它们到对方的路由："ip -n 名字 route"。

right 只认识自己的网段。发给 left 的包应该送到哪里？

ip -n right route add default via 10.3.2.1`,
		after: `两个方向各需要一条路由；应答不会自己找到回去的路。`,
	},
	{
		title: "排障：名不副实的路由器",
		text: `还是这三台，现在路由都有了。left 能到达路由器的两个地址，right 也能。可是
left 到不了 right。`,
		task: `任务：让 right 对 left 发往 10.3.2.2 的 ping 作出应答。`,
		hints: `主机要成为路由器，还差一样东西。

那是一项设置，每个命名空间各有一份，在 /proc/sys/net/ipv4 下面：ip_forward。

ip netns exec router sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'`,
		after: `Linux 主机会丢弃不是发给自己的包，直到你允许它转发。有 sysctl 的地方，也可以
用 "sysctl -w net.ipv4.ip_forward=1"。`,
	},
	{
		title: "排障：大包丢失",
		text: `green 去 ping red（10.2.0.2），有应答。可是 green 从那里打开网页时，刚开始加
载就停住了。在 green 里执行 "ping -s 1372 10.2.0.2" 也是一样：小包能通过，大
包不能。`,
		task: `任务：让 red 对 green 发来的 1400 字节的 ping（-s 1372）也作出应答。`,
		hints: `接口能承载多大的包，由 MTU 决定。同一个以太网里大家的 MTU 必须一致：交换机不
会切分数据包，只会丢弃。

比较 "ip link"、"ip -n red link" 和 "ip -n green link" 里的 mtu。

v-red 的 MTU 是 1000，两端的接口却是 1500。

ip link set v-red mtu 1500`,
		after: `小包通而大包不通，首先要想到 MTU。如果经过路由器，它会用 ICMP 通知发送者；
交换机则一声不响。`,
	},
	{
		title: "排障：沉默的网页",
		text: `web（10.2.0.2）应当在 8080 端口提供网页。ping 有应答，可是
"curl 10.2.0.2:8080" 立刻被拒绝。有人说，服务器明明在运行。`,
		task: `任务：使 10.2.0.2 的 8080 端口有应答。`,
		hints: `"Connection refused" 也是一种应答：包送到了，web 的内核说那个端口没有人在监
听。第 1 层到第 4 层都是正常的。

服务器运行在哪里？"rawns ls" 会告诉你每个命名空间被谁占用。

它运行在 db 里。套接字属于打开它时所在的命名空间。

ip netns exec web http_server &`,
		after: `立刻被拒绝：没有人在监听。毫无回音：包在路上丢了。`,
	},
}
